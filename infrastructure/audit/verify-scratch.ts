import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { KeptLeaf } from "../../application/ports/kept-leaves.ts";
import type { VerifyScratch } from "../../application/ports/verify-scratch.ts";

const tables = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  CREATE TABLE unmatched (
    idx        INTEGER PRIMARY KEY,
    position   INTEGER NOT NULL,
    name       BLOB NOT NULL,
    hash       BLOB NOT NULL,
    is_missing INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX unmatched_by_name ON unmatched (name);
  CREATE TABLE allowed (name BLOB PRIMARY KEY) WITHOUT ROWID, STRICT;
  BEGIN;
`;

type Row = [bigint, bigint, Uint8Array, Uint8Array];

const toLeaf = ([index, position, name, hash]: Row): KeptLeaf => ({
  index: Number(index),
  position,
  name,
  hash,
});

// No hash covers the name of a leaf: one that stands at a second leaf names nothing there.
const isAllowed = `name IN (SELECT name FROM allowed) AND NOT EXISTS
  (SELECT 1 FROM unmatched AS earlier WHERE earlier.name = unmatched.name AND earlier.is_missing = 1 AND earlier.idx < unmatched.idx)`;

/** Opens one in a temporary file, which is gone when it is closed. */
export function openVerifyScratch(): VerifyScratch {
  const folder = mkdtempSync(join(tmpdir(), "dacapo-verify-"));
  const db = new DatabaseSync(join(folder, "scratch.db"));
  db.exec(tables);
  const leaves = (clauses: string) => {
    const statement = db.prepare(`SELECT idx, position, name, hash FROM unmatched ${clauses}`);
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    return statement;
  };
  const add = db.prepare("INSERT OR IGNORE INTO unmatched VALUES (?, ?, ?, ?, ?)");
  const allow = db.prepare("INSERT OR IGNORE INTO allowed (name) VALUES (?)");
  const find = leaves("WHERE name = ? ORDER BY idx LIMIT 1");
  const missing = leaves(`WHERE is_missing = 1 AND NOT (${isAllowed}) ORDER BY idx`);
  const removed = db.prepare(`SELECT count(*) AS count FROM unmatched WHERE is_missing = 1 AND ${isAllowed}`);
  return {
    add: ({ index, position, name, hash }, isMissing) =>
      void add.run(index, position, name, hash, isMissing ? 1 : 0),
    allow: (name) => void allow.run(name),
    find(name) {
      const row = find.get(name) as unknown as Row | undefined;
      return row && toLeaf(row);
    },
    removed: () => Number(removed.get()?.count),
    *missing() {
      for (const row of missing.iterate() as Iterable<unknown>) yield toLeaf(row as Row);
    },
    close() {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
