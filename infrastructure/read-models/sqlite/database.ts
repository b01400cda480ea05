import { closeSync, openSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { applicationId, schema } from "./schema.ts";
import { isUnreadable } from "./sqlite-errors.ts";

/** Whose read models these are: those of one log, made by one generation of projections. */
export interface Owner {
  readonly logId: string;
  readonly generation: string;
}

/** How long (ms) a call may wait, and the thread with it, while another process writes. */
const busyTimeout = 1_000;

const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -8192;
`;

/**
 * Opens the file, with a live build for this owner. Builds of another log are given up; a file that cannot be read, or
 * has another schema, is begun anew.
 */
export function openDatabase(file: string, owner: Owner): DatabaseSync {
  try {
    return openAndClaim(file, owner);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    discardFile(file);
    return openAndClaim(file, owner);
  }
}

/** Removes the database with its side files; who has it open notices and opens a new one. */
export function discardFile(file: string): void {
  for (const part of [file, `${file}-wal`, `${file}-shm`]) rmSync(part, { force: true });
}

function openAndClaim(file: string, owner: Owner): DatabaseSync {
  // SQLite would create it for everybody to read; its side files get the mode of the database.
  if (file !== ":memory:") closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file, { timeout: busyTimeout, enableForeignKeyConstraints: true });
  try {
    database.exec(settings);
    claim(database, owner);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function claim(database: DatabaseSync, { logId, generation }: Owner): void {
  database.exec("BEGIN IMMEDIATE");
  const found = database.prepare("PRAGMA application_id").get()?.application_id;
  if (found !== applicationId) database.exec(schema);
  database.prepare("UPDATE builds SET role = 'old' WHERE log_id <> ?").run(logId);
  database
    .prepare(
      `INSERT INTO builds (log_id, generation, role, position, heartbeat, touched_at)
       VALUES (:logId, :generation, 'live', 0, 0, :now) ON CONFLICT DO NOTHING`,
    )
    .run({ logId, generation, now: Date.now() });
  database.exec("COMMIT");
}
