import type { Readable } from "node:stream";
import type { z } from "zod";
import type { Entry, Unfit } from "../../../application/commands/import/entry.ts";
import type { Scope } from "../../../domain/oauth/scope.ts";
import { CommandError } from "../command-error.ts";
import { readDocument } from "./read-input.ts";

/** What a mapping is told beside the file. */
export interface MappingOptions {
  /** The scopes that a role of the other product stands for. */
  readonly roles: ReadonlyMap<string, Scope>;
}

/** How one product writes down its clients and users. */
export type Format = (input: Readable, options: MappingOptions) => AsyncIterable<Entry>;

export const refused = (kind: Unfit["kind"], id: string, field: string, reason: string): Unfit => ({
  kind,
  id,
  outcome: "refused",
  field,
  reason,
});

export const skipped = (kind: Unfit["kind"], id: string, reason: string): Unfit => ({
  kind,
  id,
  outcome: "skipped",
  reason,
});

/** The first thing that is wrong with a value, by its path; never the value itself, which may be a secret. */
const faultOf = ({ issues: [issue] }: z.ZodError) => ({
  field: issue?.path.join(".") || "entry",
  reason: issue?.message ?? "is malformed",
});

/** One entry, by the schema of its product: what is malformed is refused alone, by its name or else by its place. */
export function readEntry<Read>(
  kind: Unfit["kind"],
  schema: z.ZodType<Read>,
  value: unknown,
  { id, place }: { readonly id: string; readonly place: string },
  map: (read: Read) => Entry,
): Entry {
  const parsed = schema.safeParse(value);
  if (parsed.success) return map(parsed.data);
  const name = (value as Readonly<Record<string, unknown>> | null)?.[id];
  const { field, reason } = faultOf(parsed.error);
  return refused(kind, typeof name === "string" ? name : place, field, reason);
}

/** A format that is one JSON document. @throws {CommandError} where it is not that of the product */
export const documentFormat = <Read>(
  schema: z.ZodType<Read>,
  entries: (document: Read, options: MappingOptions) => Iterable<Entry>,
): Format =>
  async function* (input, options) {
    const parsed = schema.safeParse(await readDocument(input));
    if (!parsed.success) {
      const { field, reason } = faultOf(parsed.error);
      throw new CommandError(`The file is not of this format: ${field}: ${reason}.`);
    }
    yield* entries(parsed.data, options);
  };
