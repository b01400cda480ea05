import type { Document, DocumentKey, Put, ReadModels } from "../../../application/ports/read-models.ts";
import { Connection } from "./connection.ts";
import type { Owner } from "./database.ts";
import { SharedReads, type Snapshot } from "./shared-reads.ts";
import type { Statements } from "./statements.ts";

export interface SqliteReadModelsOptions extends Owner {
  /** A path, or `:memory:`. */
  readonly file: string;
}

/**
 * Read models in an SQLite file that several processes may share. All work is done on the calling thread: writes at
 * once, the reads of one turn of the event loop together. A file of another log or generation, or one that cannot be
 * read, is emptied. @throws {Unavailable}
 */
export function openSqliteReadModels({ file, logId, generation }: SqliteReadModelsOptions): ReadModels {
  const connection = new Connection(file, { logId, generation });
  const reads = new SharedReads(connection);
  return {
    async checkpoint() {
      const { position, heartbeat } = connection.checkpoint();
      return { position, heartbeat: Number(heartbeat) };
    },

    async apply({ from, to, puts }) {
      return connection.write((statements) => {
        if (statements.advance.run({ from, to }).changes === 0) return false;
        for (const put of puts) replace(statements, put);
        return true;
      });
    },

    async beat(at) {
      return connection.write((statements) => statements.beat.run({ at }).changes !== 0);
    },

    getMany: (keys) => reads.read((snapshot) => keys.map((key) => documentOf(snapshot, key))),

    list: (collection, query) =>
      reads.read(({ once }) =>
        once(JSON.stringify([collection, query]), (statements) => listOf(statements, collection, query)),
      ),

    async removeExpired(now, limit) {
      return connection.write(({ removeExpired }) => Number(removeExpired.run({ now, limit }).changes));
    },

    async close() {
      connection.close();
    },
  };
}

function documentOf({ once }: Snapshot, { collection, id }: DocumentKey): Document | undefined {
  return once(`${collection}/${id}`, ({ get }) => {
    const row = get.get(collection, id);
    return row && parse(row);
  });
}

function listOf(
  { list, listByIndex }: Statements,
  collection: string,
  { index, after = "", limit }: Parameters<ReadModels["list"]>[1],
) {
  const page = { collection, after, limit };
  const rows = index ? listByIndex.all({ ...page, name: index[0], value: index[1] }) : list.all(page);
  return rows.map((row) => ({ id: String(row.id), document: parse(row) }));
}

function replace(statements: Statements, { collection, id, document, indexes, expiresAt }: Put): void {
  statements.remove.run(collection, id);
  statements.insert.run(collection, id, JSON.stringify(document), expiresAt);
  for (const [name, value] of Object.entries(indexes))
    statements.insertIndexEntry.run(collection, name, value, id);
}

const parse = (row: Record<string, unknown>) => JSON.parse(String(row.data));
