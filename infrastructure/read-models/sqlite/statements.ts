import type { DatabaseSync } from "node:sqlite";

/** The statements of one connection, prepared once. */
export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(database: DatabaseSync) {
  const checkpoint = database.prepare(
    "SELECT position, heartbeat FROM checkpoint WHERE log_id = ? AND generation = ?",
  );
  checkpoint.setReadBigInts(true);
  return {
    begin: database.prepare("BEGIN"),
    beginImmediate: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    checkpoint,
    advance: database.prepare("UPDATE checkpoint SET position = :to WHERE position = :from"),
    beat: database.prepare("UPDATE checkpoint SET heartbeat = heartbeat + 1 WHERE position = :at"),
    get: database.prepare("SELECT data FROM documents WHERE collection = ? AND id = ?"),
    // Index entries go with their document.
    remove: database.prepare("DELETE FROM documents WHERE collection = ? AND id = ?"),
    insert: database.prepare("INSERT INTO documents (collection, id, data, expires_at) VALUES (?, ?, ?, ?)"),
    insertIndexEntry: database.prepare(
      "INSERT INTO index_entries (collection, name, value, id) VALUES (?, ?, ?, ?)",
    ),
    list: database.prepare(`
      SELECT id, data FROM documents
      WHERE collection = :collection AND id > :after
      ORDER BY id LIMIT :limit`),
    listByIndex: database.prepare(`
      SELECT d.id, d.data FROM index_entries i JOIN documents d ON d.collection = i.collection AND d.id = i.id
      WHERE i.collection = :collection AND i.name = :name AND i.value = :value AND i.id > :after
      ORDER BY i.id LIMIT :limit`),
    removeExpired: database.prepare(`
      DELETE FROM documents WHERE (collection, id) IN (
        SELECT collection, id FROM documents WHERE expires_at < :now ORDER BY expires_at LIMIT :limit)`),
  };
}
