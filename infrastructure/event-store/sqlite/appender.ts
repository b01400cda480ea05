import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AppendResult } from "../../../application/ports/event-store.ts";
import type { Append, Refusal, SerialisedEvent } from "./batch.ts";
import { type Head, isExpected, type StreamHeads } from "./stream-heads.ts";

/** Appends to streams, within a transaction of the caller. */
export class Appender {
  readonly #heads: StreamHeads;
  readonly #insert: StatementSync;
  readonly #written: StatementSync;

  constructor(db: DatabaseSync, heads: StreamHeads) {
    this.#heads = heads;
    this.#insert = db.prepare(
      `INSERT INTO events (stream, revision, type, version, id, time, data, metadata)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#written = db.prepare(
      `SELECT id, revision, position FROM events WHERE stream = :stream AND revision > :after
       UNION ALL
       SELECT id, revision, position FROM removed_events WHERE stream = :stream AND revision > :after
       ORDER BY revision LIMIT :limit`,
    );
  }

  append({ stream, events, expectedRevision }: Append, time: number): AppendResult | Refusal {
    const head = this.#heads.of(stream);
    if (head.isTombstoned) return { isTombstoned: true };
    const isNew = head.revision === expectedRevision;
    const repeated = isNew ? undefined : this.#repeated(stream, events, expectedRevision);
    if (repeated) return repeated;
    if (!isExpected(head, expectedRevision)) return { actual: head.revision };
    return this.#add(stream, events, head, time);
  }

  #add(stream: string, events: readonly SerialisedEvent[], head: Head, now: number): AppendResult {
    let { revision } = head;
    let position: number | bigint = 0;
    for (const { type, version, id, data, metadata, time = now } of events) {
      revision += 1;
      position = this.#insert.run(stream, revision, type, version, id, time, data, metadata).lastInsertRowid;
    }
    return { revision, position: BigInt(position) };
  }

  /** What the same append was answered when these events were new; undefined where they are not there. */
  #repeated(stream: string, events: readonly SerialisedEvent[], expected: number): AppendResult | undefined {
    const found = this.#writtenAfter(stream, events, expected);
    if (found || expected !== -1) return found;
    // What was appended at -1 may stand after what was removed.
    return this.#writtenAfter(stream, events, this.#heads.removedUpTo(stream));
  }

  #writtenAfter(stream: string, events: readonly SerialisedEvent[], after: number): AppendResult | undefined {
    const written = this.#written.all({ stream, after, limit: events.length });
    const last = written.at(-1);
    if (last === undefined || events.some(({ id }, index) => id !== written[index]?.id)) return undefined;
    return { revision: Number(last.revision), position: BigInt(Number(last.position)) };
  }
}
