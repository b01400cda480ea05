import { startRedisServer } from "../../test/support/redis-server.ts";
import type { Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { startProgram } from "../program.ts";
import { median } from "../statistics.ts";

async function rebuilding(plan: Plan, where: string, env: Record<string, string> = {}): Promise<Row> {
  await using program = startProgram("rebuild", plan, env);
  const rates: number[] = [];
  while (rates.length < plan.rounds) rates.push(await program.ask<number>(null));
  return { name: `rebuild of the read models in ${where}`, unit: "events/s", ours: { value: median(rates) } };
}

/** How many events a second a rebuild takes from a log in SQLite into the read models. */
export async function rebuild(plan: Plan): Promise<readonly Row[]> {
  await using redis = await startRedisServer();
  return [await rebuilding(plan, "SQLite"), await rebuilding(plan, "Redis", { BENCH_REDIS_URL: redis.url })];
}
