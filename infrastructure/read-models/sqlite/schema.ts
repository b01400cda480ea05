/** Marks a file as read models with the schema below; another schema has another number. */
export const applicationId = 0x0daca002;

/**
 * Read models of several builds in one file: of each log and generation one that is live and perhaps one that is being
 * filled, and what is left of old ones.
 */
export const schema = `
  DROP TABLE IF EXISTS index_entries;
  DROP TABLE IF EXISTS documents;
  DROP TABLE IF EXISTS checkpoint;
  DROP TABLE IF EXISTS builds;
  CREATE TABLE builds (
    build INTEGER PRIMARY KEY AUTOINCREMENT,
    log_id TEXT NOT NULL,
    generation TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('live', 'next', 'old')),
    position INTEGER NOT NULL,
    heartbeat INTEGER NOT NULL,
    touched_at INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX builds_by_role ON builds (log_id, generation, role) WHERE role <> 'old';
  CREATE TABLE documents (
    build INTEGER NOT NULL,
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (build, collection, id)
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX documents_by_expiry ON documents (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE index_entries (
    build INTEGER NOT NULL,
    collection TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (build, collection, name, value, id),
    FOREIGN KEY (build, collection, id) REFERENCES documents (build, collection, id) ON DELETE CASCADE
  ) WITHOUT ROWID, STRICT;
  CREATE INDEX index_entries_by_document ON index_entries (build, collection, id);
  PRAGMA application_id = ${applicationId};
`;
