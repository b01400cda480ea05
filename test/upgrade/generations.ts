import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RedisServer } from "../support/redis-server.ts";

/** How long read models that nobody uses are kept, ms. */
const [day, week] = [86_400_000, 7 * 86_400_000];

/** Read models of one generation, and when (epoch ms) they are removed if nobody uses them until then. */
export interface Generation {
  readonly name: string;
  readonly dueAt: number;
}

/** Those in the file of a data folder. */
export function generationsInFile(dataDir: string): readonly Generation[] {
  const db = new DatabaseSync(join(dataDir, "read-models.db"), { readOnly: true });
  const rows = db.prepare("SELECT generation, touched_at FROM builds WHERE role = 'live'").all();
  db.close();
  return rows.map((row) => ({ name: String(row.generation), dueAt: Number(row.touched_at) + day }));
}

/** Those in a Redis of one part. */
export async function generationsInRedis(redis: RedisServer): Promise<readonly Generation[]> {
  const [key] = (await redis.call("KEYS", "dacapo:*:generations")) as string[];
  const answer = (await redis.call("ZRANGE", key ?? "", 0, -1, "WITHSCORES")) as string[];
  const pairs = answer.flat();
  return Array.from({ length: pairs.length / 2 }, (_, n) => ({
    name: pairs[2 * n] ?? "",
    dueAt: Number(pairs[2 * n + 1]) + week,
  }));
}
