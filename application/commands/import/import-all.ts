import type { Context } from "../../context.ts";
import type { EventMetadata } from "../../ports/event-store.ts";
import type { Entry, ImportOptions, Outcome } from "./entry.ts";
import { importClient } from "./import-client.ts";
import { importUser } from "./import-user.ts";

/** Entries that are imported together, and so share the syncs of the log; fewer where they wait to be hashed. */
const together = 512;
const hashedTogether = 64;

async function importOne(
  context: Context,
  entry: Entry,
  options: ImportOptions,
  metadata: EventMetadata,
): Promise<Outcome> {
  if ("outcome" in entry) return { ...entry, notices: [] };
  return entry.kind === "client"
    ? await importClient(context, entry, options, metadata)
    : await importUser(context, entry, options, metadata);
}

/** Whether the secret of an entry is hashed when it is imported. */
const isHashed = (entry: Entry): boolean =>
  !("outcome" in entry) && (entry.kind === "client" ? entry.secret : entry.password)?.kind === "clear";

/** The entries in order, some of them at once; no two of one batch bear one name, which would race each other. */
async function* batches(entries: AsyncIterable<Entry>): AsyncGenerator<readonly Entry[]> {
  let batch: Entry[] = [];
  let names = new Set<string>();
  let hashed = 0;
  for await (const entry of entries) {
    const name = `${entry.kind} ${entry.id.normalize("NFKC").trim().toLowerCase()}`;
    if (batch.length === together || hashed === hashedTogether || names.has(name)) {
      yield batch;
      batch = [];
      names = new Set();
      hashed = 0;
    }
    batch.push(entry);
    names.add(name);
    if (isHashed(entry)) hashed += 1;
  }
  if (batch.length > 0) yield batch;
}

/**
 * Imports entries and tells in their order what became of each; it can be used when it is told. What is there already is
 * left as it is, so that an import which stopped can be done again. @throws {Unavailable}
 */
export async function* importAll(
  context: Context,
  entries: AsyncIterable<Entry>,
  options: ImportOptions,
  metadata: EventMetadata,
): AsyncGenerator<Outcome> {
  for await (const batch of batches(entries))
    yield* await Promise.all(batch.map((entry) => importOne(context, entry, options, metadata)));
}
