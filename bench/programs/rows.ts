/** How many rows a second node:sqlite writes by itself: those of the event store, 32 in a transaction, WAL and FULL. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { v7 as uuidv7 } from "uuid";
import { prepareLog } from "../../infrastructure/event-store/sqlite/schema.ts";
import { answer } from "./answer.ts";
import { ownFolder } from "./folder.ts";
import { grantEvent } from "./grant-event.ts";

const db = new DatabaseSync(join(ownFolder(), "log.db"));
prepareLog(db);
db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
const insert = db.prepare(
  `INSERT INTO events (stream, revision, type, version, id, time, data, metadata) VALUES (?, 0, ?, ?, ?, ?, ?, ?)`,
);
const { type, version, data, metadata } = grantEvent(uuidv7());
const batch = 32;

function writeBatch(): void {
  db.exec("BEGIN IMMEDIATE");
  for (let row = 0; row < batch; row += 1) {
    const id = uuidv7();
    insert.run(`grant-${id}`, type, version, id, Date.now(), JSON.stringify(data), JSON.stringify(metadata));
  }
  db.exec("COMMIT");
}

answer(async (seconds: number) => {
  const start = performance.now();
  let written = 0;
  while (performance.now() - start < seconds * 1000) {
    writeBatch();
    written += batch;
  }
  return written / ((performance.now() - start) / 1000);
});
