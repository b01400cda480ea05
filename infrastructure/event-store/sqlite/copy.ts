import { DatabaseSync } from "node:sqlite";
import { createPrivately, openWriter } from "./connection.ts";
import { giveNewLogId, readLogId, requireLog } from "./schema.ts";

/** What a copy of a log holds. */
export interface CopiedLog {
  readonly logId: string;
  /** The last position that was given to an event. */
  readonly position: bigint;
  readonly events: number;
}

/** How long a lock is waited for, in milliseconds. */
const patience = 5_000;

/**
 * Copies the file of a log as it stands at one moment, while others read and write it: nobody waits. The copy is written anew,
 * row by row, so that it holds nothing of events that were removed, which pages may keep until the file is rewritten.
 * It is not durable yet. @throws where the file is no log of this format
 */
export function copyLogFile(from: string, to: string): CopiedLog {
  createPrivately(to);
  const source = new DatabaseSync(from, { readOnly: true, timeout: patience });
  try {
    requireLog(source);
    source.prepare("VACUUM INTO ?").run(to);
  } finally {
    source.close();
  }
  const copy = new DatabaseSync(to);
  try {
    // Whoever opens it to look at it finds all as it should be, and writes nothing.
    copy.exec("PRAGMA journal_mode = WAL; PRAGMA user_version = 0");
    const given = copy
      .prepare("SELECT coalesce(max(seq), 0) AS position FROM sqlite_sequence WHERE name = 'events'")
      .get();
    const held = copy.prepare("SELECT count(*) AS events FROM events").get();
    return {
      logId: readLogId(copy),
      position: BigInt(Number(given?.position)),
      events: Number(held?.events),
    };
  } finally {
    copy.close();
  }
}

/** Makes the log of a file another one, which nobody has open; answers the id that it gets. */
export function renewLogId(file: string): string {
  const db = openWriter(file, patience);
  try {
    return giveNewLogId(db);
  } finally {
    db.close();
  }
}
