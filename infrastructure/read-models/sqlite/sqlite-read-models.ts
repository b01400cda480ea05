import type { ReadModels } from "../../../application/ports/read-models.ts";
import { checkpointOf } from "./checkpoint.ts";
import { cleanBuilds } from "./cleaning.ts";
import { Connection } from "./connection.ts";
import type { Owner } from "./database.ts";
import { applyBatch, listDocuments } from "./documents.ts";
import { SharedReads } from "./shared-reads.ts";
import { openSuccessor } from "./successor.ts";

export interface SqliteReadModelsOptions extends Owner {
  /** A path, or `:memory:`. */
  readonly file: string;
}

/**
 * Read models in an SQLite file that several processes may share, each generation with its own beside the others. All
 * work is done on the calling thread: writes at once, the reads of one turn of the event loop together. Read models of
 * another log, and a file that cannot be read, are discarded. @throws {Unavailable}
 */
export function openSqliteReadModels({ file, logId, generation }: SqliteReadModelsOptions): ReadModels {
  const owner = { logId, generation };
  const connection = new Connection(file, owner);
  const reads = new SharedReads(connection);
  return {
    async checkpoint() {
      const { live, incarnation } = connection.checkpoint();
      return checkpointOf(live, incarnation);
    },

    async apply(batch) {
      reads.forget([...batch.puts, ...batch.parks]);
      return connection.write(
        ({ statements, live, incarnation }) =>
          (batch.incarnation ?? incarnation) === incarnation && applyBatch(statements, live.build, batch),
      );
    },

    async beat(at, incarnation) {
      return connection.write(({ statements, live: { build }, incarnation: now }) => {
        return now === incarnation && statements.beat.run({ build, at, now: Date.now() }).changes !== 0;
      });
    },

    getMany: (keys, incarnation) =>
      reads.read(incarnation, (snapshot) => keys.map((key) => snapshot.document(key))),

    list: (collection, query, incarnation) =>
      reads.read(incarnation, (snapshot) => snapshot.list(collection, query)),

    async listUnfinished(collection, query) {
      return connection.readUnfinished(({ statements, live }) =>
        listDocuments(statements, live.build, collection, query),
      );
    },

    async clean(now, limit) {
      reads.forget();
      return connection.write(({ statements }) => cleanBuilds(statements, generation, now, limit));
    },

    async successor() {
      return openSuccessor(connection, owner, () => reads.forget());
    },

    async close() {
      connection.close();
    },
  };
}
