import type { Connection } from "./connection.ts";
import { cleanScript } from "./scripts/clean.ts";

/** Cleans part after part until as many documents as allowed are removed; answers how many. */
export async function clean(connection: Connection, now: number, limit: number): Promise<number> {
  let removed = 0;
  for (const part of connection.parts) {
    if (removed >= limit) break;
    const args = [part.root, part.generation, String(now), String(limit - removed)];
    removed += Number(await connection.run(part, cleanScript, [part.replaced, part.generations], args));
  }
  return removed;
}
