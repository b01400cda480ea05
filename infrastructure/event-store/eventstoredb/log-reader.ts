import type { StoredEvent } from "../../../application/ports/event-store.ts";
import type { Connection } from "./connection.ts";
import { Feed } from "./feed.ts";
import { type Patience, persist } from "./patience.ts";
import type { Tail } from "./tail.ts";

/**
 * Reads a page of the log, by a subscription that ends where it has caught up: only a subscription is filtered by the
 * server, so that a page costs the same however much others write to the database.
 * @throws {Unavailable} where the server is silent for too long
 */
export async function readLog(
  connection: Connection,
  tail: Tail,
  after: bigint,
  limit: number,
  patience: Patience,
): Promise<readonly StoredEvent[]> {
  if (limit < 1) return [];
  return persist(patience, async (milliseconds) => {
    const { line } = connection;
    const feed = new Feed(line, tail.after(after));
    try {
      return await page(feed, limit, milliseconds);
    } catch (error) {
      connection.failed("other", line, error);
      throw error;
    } finally {
      feed.close();
    }
  });
}

async function page(feed: Feed, limit: number, milliseconds: number): Promise<StoredEvent[]> {
  const found: StoredEvent[] = [];
  for (;;) {
    const complete = feed.caughtUp;
    found.push(...feed.take(limit - found.length));
    if (complete || found.length === limit) return found;
    await feed.change(undefined, milliseconds);
  }
}
