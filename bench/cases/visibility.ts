import { startRedisServer } from "../../test/support/redis-server.ts";
import { atMost, type Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { startProgram } from "../program.ts";
import { median, quantile } from "../statistics.ts";

async function waits(
  plan: Plan,
  where: string,
  goal: number,
  env: Record<string, string> = {},
): Promise<readonly Row[]> {
  await using program = startProgram("visibility", plan, env);
  await program.ask(plan.warmUpSeconds);
  const rounds: (readonly number[])[] = [];
  while (rounds.length < plan.rounds) rounds.push(await program.ask<readonly number[]>(plan.seconds));
  return [0.5, 0.99].map((part) => {
    const value = median(rounds.map((round) => quantile(round, part)));
    return {
      name: `visibility ${where} at 200 writes/s, p${part * 100}`,
      unit: "ms",
      ours: { value },
      ...(part === 0.99 ? { goal: atMost(value, goal, " ms") } : {}),
    };
  });
}

/** The wait of token requests for their own visibility, which is the lag of the projection, at 200 writes a second. */
export async function visibility(plan: Plan): Promise<readonly Row[]> {
  await using redis = await startRedisServer();
  return [
    ...(await waits(plan, "in SQLite", 2)),
    ...(await waits(plan, "in Redis", 10, { BENCH_REDIS_URL: redis.url })),
  ];
}
