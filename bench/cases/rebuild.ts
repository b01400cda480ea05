import { startRedisServer } from "../../test/support/redis-server.ts";
import { compare, type Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { rateOf, startProgram } from "../program.ts";

async function rebuilding(
  plan: Plan,
  where: string,
  goal: number,
  env: Record<string, string> = {},
): Promise<Row> {
  await using program = startProgram("rebuild", plan, env);
  await using raw = startProgram("raw-documents", { ...plan, profileDir: undefined }, env);
  const name = `rebuild of the read models in ${where}, against the bare documents`;
  return await compare({ name, unit: "events/s", goal }, plan, rateOf(program), rateOf(raw));
}

/** How many events a second a rebuild takes from a log in SQLite into the read models. */
export async function rebuild(plan: Plan): Promise<readonly Row[]> {
  await using redis = await startRedisServer();
  return [
    await rebuilding(plan, "SQLite", 0.6),
    await rebuilding(plan, "Redis", 0.7, { BENCH_REDIS_URL: redis.url }),
  ];
}
