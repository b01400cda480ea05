import type { DatabaseSync, StatementSync } from "node:sqlite";

/** The statements of one connection, prepared once. */
export type Statements = ReturnType<typeof prepareStatements>;

/** Read models in the file: their number there, and how far they have come. */
export interface Build {
  readonly build: bigint;
  readonly role: "live" | "next" | "old";
  readonly position: bigint;
  readonly heartbeat: bigint;
}

export function prepareStatements(database: DatabaseSync) {
  return {
    begin: database.prepare("BEGIN"),
    beginImmediate: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    /** Another number wherever another connection has committed since (https://www.sqlite.org/pragma.html#pragma_data_version). */
    dataVersion: database.prepare("PRAGMA data_version"),
    ...ofBuilds(database),
    ...ofDocuments(database),
    ...ofCleaning(database),
  };
}

function ofBuilds(database: DatabaseSync) {
  const columns = "build, role, position, heartbeat";
  return {
    live: exact(
      database.prepare(
        `SELECT ${columns} FROM builds WHERE log_id = :logId AND generation = :generation AND role = 'live'`,
      ),
    ),
    next: exact(
      database.prepare(
        `SELECT ${columns} FROM builds WHERE log_id = :logId AND generation = :generation AND role = 'next'`,
      ),
    ),
    build: exact(database.prepare(`SELECT ${columns} FROM builds WHERE build = ?`)),
    ofOtherLog: database.prepare("SELECT 1 FROM builds WHERE log_id <> ? AND role <> 'old'"),
    beginNext: database.prepare(`
      INSERT INTO builds (log_id, generation, role, position, heartbeat, touched_at)
      VALUES (:logId, :generation, 'next', 0, 0, :now) ON CONFLICT DO NOTHING`),
    retire: database.prepare("UPDATE builds SET role = 'old' WHERE build = ?"),
    promote: database.prepare(`
      UPDATE builds SET role = 'live', heartbeat = :heartbeat, touched_at = :now WHERE build = :build`),
    advance: database.prepare(`
      UPDATE builds SET position = :to, touched_at = :now WHERE build = :build AND position = :from`),
    beat: database.prepare(`
      UPDATE builds SET heartbeat = heartbeat + 1, touched_at = :now WHERE build = :build AND position = :at`),
  };
}

function ofDocuments(database: DatabaseSync) {
  return {
    get: database.prepare("SELECT data FROM documents WHERE build = ? AND collection = ? AND id = ?"),
    overwrite: database.prepare(
      "UPDATE documents SET data = ?, expires_at = ? WHERE build = ? AND collection = ? AND id = ?",
    ),
    indexEntries: database.prepare(
      "SELECT name, value FROM index_entries WHERE build = ? AND collection = ? AND id = ?",
    ),
    // Index entries go with their document.
    remove: database.prepare("DELETE FROM documents WHERE build = ? AND collection = ? AND id = ?"),
    insert: database.prepare(
      "INSERT INTO documents (build, collection, id, data, expires_at) VALUES (?, ?, ?, ?, ?)",
    ),
    insertIndexEntry: database.prepare(
      "INSERT INTO index_entries (build, collection, name, value, id) VALUES (?, ?, ?, ?, ?)",
    ),
    park: database.prepare(`
      INSERT INTO documents (build, collection, id, data, expires_at) VALUES (?, ?, ?, ?, NULL)
      ON CONFLICT DO UPDATE SET data = excluded.data, expires_at = NULL`),
    list: database.prepare(`
      SELECT id, data FROM documents
      WHERE build = :build AND collection = :collection AND id > :after
      ORDER BY id LIMIT :limit`),
    listByIndex: database.prepare(`
      SELECT d.id, d.data FROM index_entries i
      JOIN documents d ON d.build = i.build AND d.collection = i.collection AND d.id = i.id
      WHERE i.build = :build AND i.collection = :collection
        AND i.name = :name AND i.value = :value AND i.id > :after
      ORDER BY i.id LIMIT :limit`),
  };
}

function ofCleaning(database: DatabaseSync) {
  return {
    retireAbandoned: database.prepare(`
      UPDATE builds SET role = 'old' WHERE role <> 'old' AND generation <> :generation AND touched_at < :before`),
    removeExpired: database.prepare(`
      DELETE FROM documents WHERE (build, collection, id) IN (
        SELECT build, collection, id FROM documents WHERE expires_at < :now ORDER BY expires_at LIMIT :limit)`),
    removeOld: database.prepare(`
      DELETE FROM documents WHERE (build, collection, id) IN (
        SELECT d.build, d.collection, d.id FROM builds b JOIN documents d ON d.build = b.build
        WHERE b.role = 'old' LIMIT :limit)`),
    forgetOld: database.prepare(`
      DELETE FROM builds WHERE role = 'old'
        AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.build = builds.build)`),
  };
}

/** Positions may be beyond what a double holds. */
function exact(statement: StatementSync): StatementSync {
  statement.setReadBigInts(true);
  return statement;
}
