import { join } from "node:path";
import type { StoredEvent } from "../../application/ports/event-store.ts";
import { openSqliteEventStore } from "../../infrastructure/event-store/sqlite/index.ts";

/** The whole log of a data folder, beside a server or after it. */
export async function readLog(dataDir: string): Promise<readonly StoredEvent[]> {
  const store = await openSqliteEventStore({ file: join(dataDir, "log.db") });
  try {
    const events: StoredEvent[] = [];
    for (;;) {
      const page = await store.readAll(events.at(-1)?.position ?? 0n, 1_000);
      if (page.length === 0) return events;
      events.push(...page);
    }
  } finally {
    await store.close();
  }
}
