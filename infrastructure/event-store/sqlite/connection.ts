import { closeSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { isBusy } from "./failure.ts";
import { prepareLog } from "./schema.ts";

/** Readers run on the thread that serves requests, so they wait far less for a lock than writers. */
const readerTimeout = 250;

/**
 * Creates the file, readable by its owner only, or checks the one that is there.
 * @throws an error that names the file, where it is no log of a known format
 * @throws {Unavailable} where other processes keep it locked for longer than the timeout
 */
export async function prepareFile(file: string, busyTimeout: number): Promise<void> {
  const deadline = performance.now() + busyTimeout;
  createPrivately(file);
  for (;;) {
    try {
      return prepareOnce(file);
    } catch (error) {
      if (!isBusy(error)) throw new Error(`${file} cannot be used: ${messageOf(error)}`, { cause: error });
      if (performance.now() > deadline) throw new Unavailable(`${file} is locked`, { cause: error });
    }
    await sleep(20);
  }
}

/** The connection that writes: every commit is on the disk before it returns, and what is removed is overwritten. */
export function openWriter(file: string, busyTimeout: number): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: busyTimeout });
  db.exec("PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
  return db;
}

/** A connection that only reads, and always sees what was last committed. */
export function openReader(file: string): DatabaseSync {
  return new DatabaseSync(file, { readOnly: true, timeout: readerTimeout });
}

/** A log in memory, gone when its one connection is closed. */
export function openMemory(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  prepareLog(db);
  return db;
}

/**
 * Makes an empty file that only its owner can read; leaves one that is there alone: closing a descriptor of it would drop the
 * locks that SQLite holds on it.
 */
export function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}

function prepareOnce(file: string): void {
  const db = new DatabaseSync(file);
  try {
    prepareLog(db);
    const mode = db.prepare("PRAGMA journal_mode = WAL").get()?.journal_mode;
    if (mode !== "wal") throw new Error("its file system allows no write-ahead log");
  } finally {
    db.close();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
