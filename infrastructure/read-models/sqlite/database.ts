import { closeSync, openSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { isUnreadable } from "./sqlite-errors.ts";

/** Whose read models a file holds: those of one log, made by one generation of projections. */
export interface Owner {
  readonly logId: string;
  readonly generation: string;
}

/** How long (ms) a call may wait, and the thread with it, while another process writes. */
const busyTimeout = 1_000;
/** Marks a file as read models with the schema below; another schema has another number. */
const applicationId = 0x0daca001;

const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -65536;
`;

const schema = `
  DROP TABLE IF EXISTS index_entries;
  DROP TABLE IF EXISTS documents;
  DROP TABLE IF EXISTS checkpoint;
  CREATE TABLE documents (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (collection, id)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX documents_by_expiry ON documents (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE index_entries (
    collection TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (collection, name, value, id),
    FOREIGN KEY (collection, id) REFERENCES documents (collection, id) ON DELETE CASCADE
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX index_entries_by_document ON index_entries (collection, id);
  CREATE TABLE checkpoint (
    position INTEGER NOT NULL,
    heartbeat INTEGER NOT NULL,
    log_id TEXT NOT NULL,
    generation TEXT NOT NULL
  ) STRICT;
  PRAGMA application_id = ${applicationId};
`;

/** Opens the file for this owner. What belongs to another, or cannot be read, is discarded and begun anew. */
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

function claim(database: DatabaseSync, owner: Owner): void {
  database.exec("BEGIN IMMEDIATE");
  if (!isOwnedBy(database, owner)) {
    database.exec(schema);
    database
      .prepare("INSERT INTO checkpoint VALUES (0, 0, :logId, :generation)")
      .run({ logId: owner.logId, generation: owner.generation });
  }
  database.exec("COMMIT");
}

function isOwnedBy(database: DatabaseSync, { logId, generation }: Owner): boolean {
  const found = database.prepare("PRAGMA application_id").get()?.application_id;
  if (found !== applicationId) return false;
  const select = "SELECT 1 FROM checkpoint WHERE log_id = :logId AND generation = :generation";
  return database.prepare(select).get({ logId, generation }) !== undefined;
}
