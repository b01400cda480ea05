import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Where a stream is. */
export interface Head {
  /** Of the last event that was ever appended, -1 for none. */
  readonly revision: number;
  /** Whether none of its events can be read. */
  readonly isEmpty: boolean;
  readonly isTombstoned: boolean;
}

/** Finds where streams are, removed ones too. */
export class StreamHeads {
  readonly #last: StatementSync;
  readonly #removed: StatementSync;

  constructor(db: DatabaseSync) {
    this.#last = db.prepare("SELECT max(revision) AS revision FROM events WHERE stream = ?");
    this.#removed = db.prepare("SELECT revision, is_tombstone FROM removed_streams WHERE stream = ?");
  }

  of(stream: string): Head {
    const last = this.#last.get(stream)?.revision ?? null;
    if (last !== null) return { revision: Number(last), isEmpty: false, isTombstoned: false };
    const removed = this.#removed.get(stream);
    const revision = Number(removed?.revision ?? -1);
    return { revision, isEmpty: true, isTombstoned: removed?.is_tombstone === 1 };
  }

  /** The last revision that was removed from the stream, -1 where none was. */
  removedUpTo(stream: string): number {
    return Number(this.#removed.get(stream)?.revision ?? -1);
  }
}

/** Whether whoever expects this revision knows where the stream is: one without events may pass for a new one. */
export const isExpected = ({ revision, isEmpty }: Head, expected: number): boolean =>
  expected === revision || (isEmpty && expected === -1);
