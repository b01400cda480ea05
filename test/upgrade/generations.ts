import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RedisServer } from "../support/redis-server.ts";

/** When (epoch ms) the read models of each generation in the file of a data folder were used last; the oldest first. */
export function usedInFile(dataDir: string): readonly number[] {
  const db = new DatabaseSync(join(dataDir, "read-models.db"), { readOnly: true });
  const rows = db.prepare("SELECT touched_at FROM builds WHERE role = 'live' ORDER BY touched_at").all();
  db.close();
  return rows.map((row) => Number(row.touched_at));
}

/** The same of those in a Redis of one part. */
export async function usedInRedis(redis: RedisServer): Promise<readonly number[]> {
  const [key = ""] = (await redis.call("KEYS", "dacapo:*:generations")) as string[];
  const answer = (await redis.call("ZRANGE", key, 0, -1, "WITHSCORES")) as (string | string[])[];
  // Pairs in a list, or lists of pairs, by the protocol that was agreed on.
  return answer
    .flat()
    .filter((_, index) => index % 2 === 1)
    .map(Number);
}
