import type { DatabaseSync } from "node:sqlite";
import { Appender } from "./appender.ts";
import type { Append, Batch, Outcome, Removal } from "./batch.ts";
import { Erasure } from "./erasure.ts";
import { Remover } from "./remover.ts";
import { StreamHeads } from "./stream-heads.ts";

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
      return outcomes;
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

  #write(write: Append | Removal, time: number): Outcome {
    return "events" in write ? this.#appender.append(write, time) : this.#remover.remove(write);
  }
}
