import type { DatabaseSync } from "node:sqlite";
import { transaction } from "./transaction.ts";

/** Raised whenever the tables, or what is written into them, change: an index of another format is made anew. */
const format = 1;

/**
 * `term` is the first 64 bits of SHA-256 over `kind:value`. `latest` is the latest time of any event up to this one, so
 * that it never falls and an instant is found by halving.
 */
const tables = `
  CREATE TABLE meta (
    format   INTEGER NOT NULL,
    log_id   TEXT NOT NULL,
    position INTEGER NOT NULL,
    last_id  TEXT NOT NULL,
    latest   INTEGER NOT NULL,
    events   INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE types (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    latest   INTEGER NOT NULL,
    time     INTEGER NOT NULL,
    type     INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    stream   TEXT NOT NULL
  ) STRICT;

  CREATE TABLE postings (
    term     INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (term, position)
  ) WITHOUT ROWID, STRICT;

  CREATE TABLE addresses (
    term     INTEGER NOT NULL,
    position INTEGER NOT NULL,
    owner    INTEGER NOT NULL,
    PRIMARY KEY (term, position)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX addresses_by_owner ON addresses (owner);

  CREATE TABLE counts (
    day       INTEGER NOT NULL,
    what      TEXT NOT NULL,
    dimension TEXT NOT NULL,
    value     TEXT NOT NULL,
    count     INTEGER NOT NULL,
    PRIMARY KEY (day, what, dimension, value)
  ) WITHOUT ROWID, STRICT;

  CREATE TABLE anomalies (
    number      INTEGER PRIMARY KEY,
    time        INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    explanation TEXT NOT NULL,
    events      TEXT NOT NULL
  ) STRICT;

  CREATE TABLE memories (
    key   TEXT PRIMARY KEY,
    owner TEXT,
    value TEXT NOT NULL
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX memories_by_owner ON memories (owner) WHERE owner IS NOT NULL;
`;

/** Makes an empty database an index of this log, and empties one of another log or format. */
export function prepareIndex(db: DatabaseSync, logId: string): void {
  // Without a lock where nothing is to be done.
  if (isCurrent(db, logId)) return;
  transaction(db, () => {
    if (!isCurrent(db, logId)) remake(db, logId);
  });
}

/** Empties it, within a transaction of the caller. */
export function remake(db: DatabaseSync, logId: string): void {
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  for (const { name } of names) db.exec(`DROP TABLE "${name}"`);
  db.exec(tables);
  db.prepare("INSERT INTO meta VALUES (?, ?, 0, '', 0, 0)").run(format, logId);
}

function isCurrent(db: DatabaseSync, logId: string): boolean {
  const columns = db.prepare("SELECT name FROM pragma_table_info('meta')").all();
  if (!columns.some(({ name }) => name === "format")) return false;
  const meta = db.prepare("SELECT format, log_id FROM meta").get();
  return meta?.format === format && meta.log_id === logId;
}
