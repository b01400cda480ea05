import { DatabaseSync } from "node:sqlite";
import type { FirstRefusal, Hit, RefusedTable } from "../../application/audit/what-if/refused.ts";

/** For as long as it is open, and nobody else: there is nothing to be saved. */
const schema = `
  PRAGMA journal_mode = OFF;
  PRAGMA synchronous = OFF;
  CREATE TABLE refused (
    what TEXT NOT NULL,
    id TEXT NOT NULL,
    rule TEXT NOT NULL,
    position TEXT NOT NULL,
    revision INTEGER NOT NULL,
    is_eviction INTEGER NOT NULL,
    PRIMARY KEY (what, id)
  ) WITHOUT ROWID, STRICT;
  CREATE TABLE hits (
    what TEXT NOT NULL,
    id TEXT NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (what, id)
  ) WITHOUT ROWID, STRICT;
  BEGIN;
`;

interface Row {
  readonly rule: string;
  readonly position: string;
  readonly revision: number;
  readonly is_eviction: number;
}

const refusalOf = ({ rule, position, revision, is_eviction }: Row): FirstRefusal => ({
  rule,
  position: BigInt(position),
  revision,
  isEviction: is_eviction === 1,
});

/** Opens an empty table in a file that SQLite makes for it alone and removes with it, whatever happens to the process. */
export function openRefusedTable(): RefusedTable {
  const db = new DatabaseSync("");
  db.exec(schema);
  const insert = db.prepare("INSERT INTO refused VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
  const select = db.prepare(
    "SELECT rule, position, revision, is_eviction FROM refused WHERE what = ? AND id = ?",
  );
  const count = db.prepare(
    "INSERT INTO hits VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET refused = refused + 1",
  );
  const total = db.prepare("SELECT count(*) AS total FROM hits WHERE what = ?");
  const most = db.prepare("SELECT id, refused FROM hits WHERE what = ? ORDER BY refused DESC, id LIMIT ?");
  return {
    refuse(what, id, { rule, position, revision, isEviction }) {
      insert.run(what, id, rule, String(position), revision, isEviction ? 1 : 0);
    },
    find(what, id) {
      const row = select.get(what, id);
      return row && refusalOf(row as unknown as Row);
    },
    hit(what, id) {
      count.run(what, id);
    },
    hits: (what, limit) => ({
      count: Number(total.get(what)?.total),
      most: most.all(what, limit).map(({ id, refused }) => ({ id, refused })) as Hit[],
    }),
    close() {
      db.close();
    },
  };
}
