import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

const format = 2;

const firstTables = `
  CREATE TABLE meta (
    log_id TEXT NOT NULL,
    format INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    stream   TEXT NOT NULL,
    revision INTEGER NOT NULL,
    type     TEXT NOT NULL,
    version  INTEGER NOT NULL,
    id       TEXT NOT NULL,
    time     INTEGER NOT NULL,
    data     TEXT NOT NULL,
    metadata TEXT NOT NULL,
    UNIQUE (stream, revision)
  ) STRICT;
`;

/** What remains of streams whose events were removed; since format 2. */
const removalTables = `
  CREATE TABLE removed_streams (
    stream       TEXT PRIMARY KEY,
    revision     INTEGER NOT NULL,
    is_tombstone INTEGER NOT NULL
  ) WITHOUT ROWID, STRICT;

  CREATE TABLE removed_events (
    stream   TEXT NOT NULL,
    revision INTEGER NOT NULL,
    id       TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (stream, revision)
  ) WITHOUT ROWID, STRICT;
`;

/**
 * Makes an empty database a log, and brings one of an earlier format to this one; only looks at a log of this format,
 * without waiting for those who write.
 * @throws where it holds something else, or a log of another format
 */
export function prepareLog(db: DatabaseSync): void {
  if (isEmpty(db)) alone(db, create);
  if (formatOf(db) === 1) alone(db, upgrade);
  requireLog(db);
}

/** The id that the log got when it was made. */
export function readLogId(db: DatabaseSync): string {
  return String(db.prepare("SELECT log_id FROM meta").get()?.log_id);
}

/** Gives the log another id: what was made of it before, and is kept elsewhere, is of another log from now on. */
export function giveNewLogId(db: DatabaseSync): string {
  const logId = randomUUID();
  db.prepare("UPDATE meta SET log_id = ?").run(logId);
  return logId;
}

function isEmpty(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
}

/** Of several processes that prepare the file at once, the first does it. */
function alone(db: DatabaseSync, prepare: (db: DatabaseSync) => void): void {
  db.exec("BEGIN IMMEDIATE");
  prepare(db);
  db.exec("COMMIT");
}

function create(db: DatabaseSync): void {
  if (!isEmpty(db)) return;
  db.exec(firstTables + removalTables);
  db.prepare("INSERT INTO meta (log_id, format) VALUES (?, ?)").run(randomUUID(), format);
}

function upgrade(db: DatabaseSync): void {
  if (formatOf(db) !== 1) return;
  db.exec(removalTables);
  db.prepare("UPDATE meta SET format = ?").run(format);
}

/** @throws where it holds something else than a log, or one of another format */
export function requireLog(db: DatabaseSync): void {
  const found = formatOf(db);
  if (found === undefined) throw new Error("it is a database, but no event log");
  if (found !== format) throw new Error(`it has format ${found}, this program knows format ${format}`);
}

function formatOf(db: DatabaseSync): unknown {
  const columns = db.prepare("SELECT name FROM pragma_table_info('meta')").all();
  if (!columns.some(({ name }) => name === "format")) return undefined;
  return db.prepare("SELECT format FROM meta").get()?.format;
}
