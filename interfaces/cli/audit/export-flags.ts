import { InvalidArgumentError } from "commander";
import { catalog } from "../../../application/events/catalog.ts";
import { type ExportFormat, isRevealReason } from "../../../domain/audit-reveal.ts";

/** What `audit export` is told; times are epoch milliseconds. */
export interface ExportFlags {
  readonly format: ExportFormat;
  readonly since?: number;
  readonly until?: number;
  readonly after?: string;
  readonly limit?: number;
  readonly types: readonly string[];
  readonly out?: string;
  readonly append?: true;
  readonly cursorFile?: string;
  readonly follow?: true;
  readonly reveal?: true;
  readonly reason?: string;
}

/** How many records. @throws {InvalidArgumentError} */
export function parseLimit(text: string): number {
  const limit = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (limit === 0) throw new InvalidArgumentError("It must be a number of records, at least 1.");
  return limit;
}

/** How types of events begin, by commas. @throws {InvalidArgumentError} */
export function parseTypes(text: string): readonly string[] {
  const prefixes = text.split(",").map((prefix) => prefix.trim());
  const unknown = prefixes.find(
    (prefix) => prefix === "" || !Object.keys(catalog).some((type) => type.startsWith(prefix)),
  );
  if (unknown !== undefined) throw new InvalidArgumentError(`No type of event begins with "${unknown}".`);
  return prefixes;
}

/** Why personal fields are revealed. @throws {InvalidArgumentError} */
export function parseReason(text: string): string {
  if (!isRevealReason(text))
    throw new InvalidArgumentError("It must be 3 to 200 printable characters on one line.");
  return text.trim();
}

/** What fits together no flag can say alone. @throws {InvalidArgumentError} */
export function checkFlags({ since, until, append, out, reveal, reason }: ExportFlags): void {
  const wrong = (sentence: string) => new InvalidArgumentError(sentence);
  if (since !== undefined && until !== undefined && since >= until)
    throw wrong("--since must be before --until.");
  if (append && out === undefined) throw wrong("--append goes with --out.");
  if (reveal && reason === undefined)
    throw wrong("--reveal needs a reason, which is recorded: --reason TEXT.");
  if (reason !== undefined && !reveal) throw wrong("--reason goes with --reveal.");
}
