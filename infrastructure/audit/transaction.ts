import type { DatabaseSync } from "node:sqlite";

/** Runs work that is done as a whole or not at all, alone: it waits for other processes as long as the connection may. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
