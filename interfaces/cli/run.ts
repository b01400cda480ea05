import type { Command } from "commander";
import { NotFound } from "../../application/audit/token.ts";
import { repeatErasures } from "../../application/commands/erase-user.ts";
import { ensureSigningKeys } from "../../application/commands/manage-signing-keys.ts";
import type { Context } from "../../application/context.ts";
import { RefusedError } from "../../application/errors.ts";
import { type EventStore, Unavailable } from "../../application/ports/event-store.ts";
import { ConfigurationError } from "../../infrastructure/config/load.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { createLogger } from "../../infrastructure/telemetry/logger.ts";
import { compose, type Runtime } from "../compose.ts";
import { hasLog, openErasureList, requireRestored } from "../engines.ts";
import { keepingLeaves } from "../proof.ts";
import { CommandError } from "./command-error.ts";
import { configOf } from "./options.ts";

/** What every event of the command line says of its origin. */
export const operator = () => ({ actor: "operator", correlationId: `cli-${crypto.randomUUID()}` });

/** Runs work on a deployment as it stands, projecting nothing unless asked to. */
export async function withRuntime(
  command: Command,
  work: (runtime: Runtime, config: Config) => Promise<void>,
  { projects, extra }: { readonly projects: boolean; readonly extra?: Readonly<Record<string, unknown>> },
): Promise<void> {
  const config = configOf(command, extra);
  if (!hasLog(config)) console.error(`There was no log yet; one is made in ${config.dataDir}.`);
  const runtime = await compose(config, createLogger(config.logLevel), { projects });
  try {
    await work(runtime, config);
  } finally {
    await runtime.close();
  }
}

/** What an erasure takes beside the context and the log. */
export const erasing = (config: Config, store: EventStore) => ({
  erasureList: openErasureList(config),
  keepLeaves: keepingLeaves(config, store, ({ message }) => console.error(`No leaves are kept: ${message}.`)),
});

/**
 * Runs work that only looks at the data of a deployment: that makes no log.
 * @throws {CommandError} @throws {ConfigurationError} where there is none, or one is being restored
 */
export function withData(command: Command, work: (context: Context) => Promise<void>): Promise<void> {
  const config = configOf(command);
  if (!hasLog(config)) {
    requireRestored(config.dataDir);
    throw new CommandError(`There is no log in ${config.dataDir}.`);
  }
  return withContext(command, work);
}

/** Runs work on the data of a deployment, beside its server if one runs; returns when what it did is visible there. */
export const withContext = (command: Command, work: (context: Context) => Promise<void>): Promise<void> =>
  withRuntime(
    command,
    async ({ context, store }, config) => {
      await ensureSigningKeys(context, operator());
      // A log that was restored shows nobody who was erased since.
      await repeatErasures({ ...context, store, ...erasing(config, store) }, operator());
      await work(context);
    },
    { projects: true },
  );

const acronyms: Readonly<Record<string, string>> = { id: "ID", uri: "URI", uris: "URIs" };

/** `client_id` → `Client ID`. */
function label(name: string): string {
  const words = name.split("_").map((word) => acronyms[word] ?? word);
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What somebody may have written to the log must not move the cursor of who reads it. */
export const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, " ");

const shown = (value: unknown): string => plain(Array.isArray(value) ? value.join(" ") : String(value));

/** Prints facts, named in snake_case: as one JSON object, or as lines of `Name: value`. */
export function print(facts: Readonly<Record<string, unknown>>, asJson: boolean | undefined): void {
  if (asJson) console.log(JSON.stringify(facts));
  else for (const [name, value] of Object.entries(facts)) console.log(`${label(name)}: ${shown(value)}`);
}

/** Prints rows: as JSON lines, or as a table under the names of their members, which a table that goes on leaves out. */
export function printRows(
  rows: readonly Readonly<Record<string, unknown>>[],
  asJson: boolean | undefined,
  goesOn = false,
): void {
  if (asJson) console.log(rows.map((row) => JSON.stringify(row)).join("\n"));
  else if (rows.length === 0) console.log("None.");
  else printTable(rows, goesOn);
}

function printTable(rows: readonly Readonly<Record<string, unknown>>[], goesOn: boolean): void {
  const first = rows[0] ?? {};
  const names = Object.keys(first);
  const table = [names.map(label), ...rows.map((row) => names.map((name) => shown(row[name])))];
  const widths = names.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  for (const line of goesOn ? table.slice(1) : table)
    console.log(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

/** A failure as a sentence: what a person can act on, without a stack unless it is our own fault. */
export function explain(error: unknown): string {
  if (error instanceof ConfigurationError) return `The configuration is wrong.\n${error.message}`;
  if (error instanceof CommandError || error instanceof NotFound) return error.message;
  if (error instanceof RefusedError) return `${error.refusal.description}.`;
  if (error instanceof Unavailable) return `The data cannot be reached now: ${error.message}.`;
  if (error instanceof Error && error.name === "ExitPromptError") return "Cancelled.";
  if (error instanceof Error && "code" in error) return `${error.message}.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
