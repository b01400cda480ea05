import type { DatabaseSync } from "node:sqlite";
import { Appender } from "./appender.ts";
import type { Batch, Erasing, Outcome, Write } from "./batch.ts";
import { Erasure } from "./erasure.ts";
import { Remover } from "./remover.ts";
import { StreamHeads } from "./stream-heads.ts";

const isErasing = (write: Write | undefined): write is Erasing => write !== undefined && "erases" in write;

/** Writes batches over one connection; each is one transaction. */
export class LogWriter {
  readonly erasure: Erasure;
  readonly #db: DatabaseSync;
  readonly #appender: Appender;
  readonly #remover: Remover;

  constructor(db: DatabaseSync) {
    const heads = new StreamHeads(db);
    this.#db = db;
    this.erasure = new Erasure(db);
    this.#appender = new Appender(db, heads);
    this.#remover = new Remover(db, heads, this.erasure);
  }

  /** What is refused is refused alone. @throws where the engine fails; then nothing was written */
  write({ time, appends }: Batch): Outcome[] {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const outcomes = appends.map((write) => this.#write(write, time));
      this.#db.exec("COMMIT");
      this.erasure.committed();
      return appends.some(isErasing) ? this.#erased(appends, outcomes) : outcomes;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Moves what is in the write-ahead log to the main file. */
  close(): void {
    this.erasure.rewrite();
    this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    this.#db.close();
  }

  /** A file is rewritten between transactions only. */
  #erased(writes: readonly Write[], outcomes: readonly Outcome[]): Outcome[] {
    const isErased = this.erasure.finish();
    return outcomes.map((outcome, index) => (isErasing(writes[index]) ? { isErased } : outcome));
  }

  #write(write: Write, time: number): Outcome {
    if (isErasing(write)) return { isErased: false };
    return "events" in write ? this.#appender.append(write, time) : this.#remover.remove(write);
  }
}
