import {
  type Batch,
  type Document,
  type DocumentKey,
  type Listed,
  type ListQuery,
  type Put,
  parkedDocument,
} from "../../../application/ports/read-models.ts";
import type { Build, Statements } from "./statements.ts";

type BuildNumber = Build["build"];

const parked = JSON.stringify(parkedDocument);

/** The document of this key, where the build has one, and the length of its text. */
export function getDocument(
  { get }: Statements,
  build: BuildNumber,
  { collection, id }: DocumentKey,
): { readonly document: Document | undefined; readonly length: number } {
  const row = get.get(build, collection, id);
  return { document: row && parse(row), length: String(row?.data ?? "").length };
}

/** Documents by an index value, or all of a collection, in the order of their ids. */
export function listDocuments(
  { list, listByIndex }: Statements,
  build: BuildNumber,
  collection: string,
  { index, after = "", limit }: ListQuery,
): Listed[] {
  const page = { build, collection, after, limit };
  const rows = index ? listByIndex.all({ ...page, name: index[0], value: index[1] }) : list.all(page);
  return rows.map((row) => ({ id: String(row.id), document: parse(row) }));
}

/** Applies a batch to the build; false where its checkpoint is another. */
export function applyBatch(
  statements: Statements,
  build: BuildNumber,
  { from, to, puts, parks }: Batch,
): boolean {
  if (statements.advance.run({ build, from, to, now: Date.now() }).changes === 0) return false;
  for (const put of puts) replace(statements, build, put);
  for (const { collection, id } of parks) statements.park.run(build, collection, id, parked);
  return true;
}

function replace(
  statements: Statements,
  build: BuildNumber,
  { collection, id, document, indexes, expiresAt }: Put,
): void {
  const data = JSON.stringify(document);
  const entries = statements.indexEntries.all(build, collection, id);
  const isIndexedAlike =
    entries.length === Object.keys(indexes).length &&
    entries.every(({ name, value }) => indexes[String(name)] === value);
  // Where index entries stay as they are, most of the work is spared.
  if (isIndexedAlike && statements.overwrite.run(data, expiresAt, build, collection, id).changes > 0) return;
  statements.remove.run(build, collection, id);
  statements.insert.run(build, collection, id, data, expiresAt);
  for (const [name, value] of Object.entries(indexes))
    statements.insertIndexEntry.run(build, collection, name, value, id);
}

const parse = (row: Record<string, unknown>): Document => JSON.parse(String(row.data));
