import type { DatabaseSync } from "node:sqlite";

/** Milliseconds that readers may delay the emptying of the write-ahead log, and whoever appends with it. */
const patience = 100;

/**
 * Sees to it that the files keep nothing of events that were removed for ever. SQLite overwrites them where they stood,
 * which leaves two places: the write-ahead log, emptied at once, and pages that were merged after earlier removals,
 * which may hold copies (of one event in a thousand) until the file is rewritten.
 */
export class Erasure {
  readonly #db: DatabaseSync;
  #isPending: boolean;
  #isNew = false;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#isPending = this.#noted() > 0; // a process that noted it may have died before it emptied the log
  }

  /** Whether the write-ahead log may still hold what was removed. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** Notes, within the transaction that removes, that the file is to be rewritten; another process may do it. */
  note(): void {
    this.#db.exec(`PRAGMA user_version = ${this.#noted() + 1}`);
    this.#isNew = true;
  }

  /** To be called after each commit. */
  committed(): void {
    if (this.#isNew) this.emptyLog();
    this.#isNew = false;
  }

  /** Empties the write-ahead log, unless a reader needs it for longer than a moment: then it is to be tried again. */
  emptyLog(): void {
    const timeout = this.#db.prepare("PRAGMA busy_timeout").get()?.timeout;
    try {
      this.#db.exec(`PRAGMA busy_timeout = ${patience}`);
      this.#isPending = !this.#checkpoint();
    } catch {
      this.#isPending = true; // what was written stays written
    } finally {
      this.#db.exec(`PRAGMA busy_timeout = ${timeout}`);
    }
  }

  /** Whether nothing is left in the files of what was removed for ever; sees to it first. */
  finish(): boolean {
    this.rewrite();
    this.emptyLog();
    return !this.#isPending && this.#noted() === 0;
  }

  /** Rewrites the file where that was noted: about a second for 100 MB. Left to the next process where it fails. */
  rewrite(): void {
    const noted = this.#noted();
    if (noted === 0) return;
    try {
      this.#db.exec("VACUUM");
      if (this.#checkpoint()) this.#settle(noted);
    } catch {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    }
  }

  // Not where something was removed since: that needs a rewriting of its own.
  #settle(noted: number): void {
    this.#db.exec("BEGIN IMMEDIATE");
    if (this.#noted() === noted) this.#db.exec("PRAGMA user_version = 0");
    this.#db.exec("COMMIT");
  }

  #noted(): number {
    return Number(this.#db.prepare("PRAGMA user_version").get()?.user_version);
  }

  /** Whether all of the write-ahead log is in the main file now, and the log empty. */
  #checkpoint(): boolean {
    return this.#db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
  }
}
