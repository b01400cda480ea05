import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { AppendResult } from "../../../application/ports/event-store.ts";
import type { Append, Batch, Outcome, SerialisedEvent } from "./batch.ts";

/** Appends batches over one connection; each is one transaction. */
export class LogWriter {
  readonly #db: DatabaseSync;
  readonly #head: StatementSync;
  readonly #insert: StatementSync;
  readonly #written: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#head = db.prepare("SELECT coalesce(max(revision), -1) AS revision FROM events WHERE stream = ?");
    this.#insert = db.prepare(
      `INSERT INTO events (stream, revision, type, version, id, time, data, metadata)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#written = db.prepare(
      "SELECT id, revision, position FROM events WHERE stream = ? AND revision > ? ORDER BY revision LIMIT ?",
    );
  }

  /** An append at a wrong revision is refused alone. @throws where the engine fails; then nothing was written */
  write({ time, appends }: Batch): Outcome[] {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const outcomes = appends.map((append) => this.#append(append, time));
      this.#db.exec("COMMIT");
      return outcomes;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Moves what is in the write-ahead log to the main file. */
  checkpoint(): void {
    this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  close(): void {
    this.#db.close();
  }

  #append({ stream, events, expectedRevision }: Append, time: number): Outcome {
    const actual = Number(this.#head.get(stream)?.revision);
    if (actual !== expectedRevision) {
      return this.#firstResult(stream, events, expectedRevision) ?? { actual };
    }
    let revision = actual;
    let position: number | bigint = 0;
    for (const { type, version, id, data, metadata } of events) {
      revision += 1;
      position = this.#insert.run(stream, revision, type, version, id, time, data, metadata).lastInsertRowid;
    }
    return { revision, position: BigInt(position) };
  }

  /** What the same append was answered when these events were new; undefined where they are not there. */
  #firstResult(stream: string, events: readonly SerialisedEvent[], after: number): AppendResult | undefined {
    const written = this.#written.all(stream, after, events.length);
    const last = written.at(-1);
    if (last === undefined || events.some(({ id }, index) => id !== written[index]?.id)) return undefined;
    return { revision: Number(last.revision), position: BigInt(Number(last.position)) };
  }
}
