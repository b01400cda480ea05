import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** How long another process that adds leaves is waited for, in milliseconds. */
const busyTimeout = 5_000;

const tables = `
  CREATE TABLE IF NOT EXISTS meta (engine TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS leaves (
    idx      INTEGER PRIMARY KEY,
    position INTEGER NOT NULL,
    name     BLOB NOT NULL,
    hash     BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS nodes (
    level  INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    PRIMARY KEY (level, number)
  ) WITHOUT ROWID, STRICT;
`;

/** The statements over an open file. */
function prepare(db: DatabaseSync) {
  const read = db.prepare("SELECT idx, position, name, hash FROM leaves WHERE idx >= ? ORDER BY idx LIMIT ?");
  read.setReturnArrays(true);
  read.setReadBigInts(true);
  return {
    engine: db.prepare("SELECT engine FROM meta"),
    setEngine: db.prepare("UPDATE meta SET engine = ?"),
    size: db.prepare("SELECT coalesce(max(idx) + 1, 0) AS size FROM leaves"),
    read,
    leaves: db.prepare("SELECT hash FROM leaves WHERE idx >= ? AND idx < ? ORDER BY idx"),
    nodes: db.prepare(
      "SELECT hash FROM nodes WHERE level = ? AND number >= ? AND number < ? ORDER BY number",
    ),
    addLeaf: db.prepare("INSERT INTO leaves (idx, position, name, hash) VALUES (?, ?, ?, ?)"),
    addNode: db.prepare("INSERT INTO nodes (level, number, hash) VALUES (?, ?, ?)"),
    place: db.prepare("UPDATE leaves SET position = ? WHERE idx = ?"),
  };
}

/** Makes an empty file that only its owner can read; leaves one that is there alone. */
export function createPrivately(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(file, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** Told without a lock: a mere reading waits for nobody who writes. */
function isPrepared(db: DatabaseSync): boolean {
  const hasTables = db.prepare(
    "SELECT count(*) AS count FROM sqlite_schema WHERE name IN ('meta', 'leaves', 'nodes')",
  );
  return hasTables.get()?.count === 3 && db.prepare("SELECT 1 FROM meta").get() !== undefined;
}

/** An open file of kept leaves. */
export interface Connection extends ReturnType<typeof prepare> {
  readonly db: DatabaseSync;
}

/**
 * Opens the file, which is made where it is not there. What is added must not be lost with the machine: its event may be
 * gone by then. @param engine the store that its positions are of, where it is made
 */
export function connect(file: string, engine: string): Connection {
  if (file !== ":memory:") createPrivately(file);
  const db = new DatabaseSync(file, { timeout: busyTimeout });
  try {
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    if (!isPrepared(db)) {
      db.exec(tables);
      db.prepare("INSERT INTO meta (engine) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM meta)").run(engine);
    }
    return { db, ...prepare(db) };
  } catch (error) {
    db.close();
    throw error;
  }
}
