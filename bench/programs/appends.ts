/** How many durable appends a second the SQLite event store makes for 64 callers, one event each to a new stream. */
import { join } from "node:path";
import { v7 as uuidv7 } from "uuid";
import { openSqliteEventStore } from "../../infrastructure/event-store/sqlite/index.ts";
import { answer, rateOf } from "./answer.ts";
import { ownFolder } from "./folder.ts";
import { grantEvent } from "./grant-event.ts";

const store = await openSqliteEventStore({ file: join(ownFolder(), "log.db") });
const { type, version, data, metadata } = grantEvent(uuidv7());

async function append(): Promise<void> {
  const id = uuidv7();
  const { revision } = await store.append(`grant-${id}`, [{ id, type, version, data, metadata }], -1);
  if (revision !== 0) throw new Error(`the append was answered with revision ${revision}`);
}

answer(
  (seconds: number) => rateOf(seconds, 64, append),
  () => store.close(),
);
