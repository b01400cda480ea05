import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Outcome, Removal } from "./batch.ts";
import type { Erasure } from "./erasure.ts";
import { isExpected, type StreamHeads } from "./stream-heads.ts";

/** Of how many removed events the ids are kept, so that an append whose answer was lost can still be repeated. */
const rememberedIds = 20;

/** Removes streams, within a transaction of the caller; what remains is where they ended. */
export class Remover {
  readonly #heads: StreamHeads;
  readonly #erasure: Erasure;
  readonly #forgetIds: StatementSync;
  readonly #rememberIds: StatementSync;
  readonly #removeEvents: StatementSync;
  readonly #rememberStream: StatementSync;

  constructor(db: DatabaseSync, heads: StreamHeads, erasure: Erasure) {
    this.#heads = heads;
    this.#erasure = erasure;
    this.#forgetIds = db.prepare("DELETE FROM removed_events WHERE stream = ?");
    this.#rememberIds = db.prepare(
      `INSERT INTO removed_events (stream, revision, id, position)
       SELECT stream, revision, id, position FROM events WHERE stream = ? ORDER BY revision DESC LIMIT ?`,
    );
    this.#removeEvents = db.prepare("DELETE FROM events WHERE stream = ?");
    this.#rememberStream = db.prepare(
      `INSERT INTO removed_streams (stream, revision, is_tombstone) VALUES (:stream, :revision, :isTombstone)
       ON CONFLICT DO UPDATE SET revision = :revision, is_tombstone = :isTombstone`,
    );
  }

  remove({ stream, expectedRevision, isForEver }: Removal): Outcome {
    const head = this.#heads.of(stream);
    const { revision, isEmpty, isTombstoned } = head;
    if (revision === -1 || isTombstoned) return { isRemoved: true };
    if (!isExpected(head, expectedRevision)) return { actual: revision };
    if (isEmpty && !isForEver) return { isRemoved: true };
    this.#forgetIds.run(stream);
    if (isForEver) this.#erasure.note();
    else this.#rememberIds.run(stream, rememberedIds);
    this.#removeEvents.run(stream);
    this.#rememberStream.run({ stream, revision, isTombstone: isForEver ? 1 : 0 });
    return { isRemoved: true };
  }
}
