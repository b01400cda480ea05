import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

const format = 1;

const tables = `
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

/**
 * Makes an empty database a log; only looks at one that is a log already, without waiting for those who write.
 * @throws where it holds something else, or a log of another format
 */
export function prepareLog(db: DatabaseSync): void {
  if (isEmpty(db)) create(db);
  check(db);
}

/** The id that the log got when it was made. */
export function readLogId(db: DatabaseSync): string {
  return String(db.prepare("SELECT log_id FROM meta").get()?.log_id);
}

function isEmpty(db: DatabaseSync): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
}

function create(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  if (isEmpty(db)) {
    db.exec(tables);
    db.prepare("INSERT INTO meta (log_id, format) VALUES (?, ?)").run(randomUUID(), format);
  }
  db.exec("COMMIT");
}

function check(db: DatabaseSync): void {
  const columns = db.prepare("SELECT name FROM pragma_table_info('meta')").all();
  if (!columns.some(({ name }) => name === "format")) throw new Error("it is a database, but no event log");
  const found = db.prepare("SELECT format FROM meta").get()?.format;
  if (found !== format) throw new Error(`it has format ${found}, this program knows format ${format}`);
}
