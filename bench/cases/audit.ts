import { startRedisServer } from "../../test/support/redis-server.ts";
import type { Row } from "../measure.ts";
import type { Plan } from "../plan.ts";
import { type Program, startProgram } from "../program.ts";

interface Rate {
  readonly perSecond: number;
  readonly residentMiB: number;
}

interface Times {
  readonly median: number;
  readonly worst: number;
}

const rates = {
  keep: "leaves kept",
  verify: "verified",
  replayIntoNothing: "replayed into nothing",
  replayIntoSqlite: "replayed into SQLite",
  replayIntoRedis: "replayed into Redis",
};

const questions = ["timeline", "explain", "access", "address"] as const;

const ask = <Answer>(program: Program, what: string, argument = 0): Promise<Answer & Rate> =>
  program.ask({ what, argument });

/** The audit tooling on a generated log: rates, first answers on the indexed log, bytes and memory. */
export async function audit(plan: Plan): Promise<readonly Row[]> {
  await using redis = await startRedisServer();
  await using program = startProgram("audit", plan, { BENCH_REDIS_URL: redis.url });
  const rows: Row[] = [];
  const add = (name: string, unit: string, value: number) =>
    rows.push({ name: `audit: ${name}`, unit, ours: { value } });
  const { events } = await ask<{ events: number }>(program, "fill", plan.events);
  add("events in the log", "events", events);
  const index = await ask<{ bytesPerEvent: number }>(program, "index");
  add("indexed", "events/s", index.perSecond);
  add("index", "bytes/event", index.bytesPerEvent);
  const answers = await ask<Readonly<Record<(typeof questions)[number], Times>>>(program, "questions");
  for (const name of questions) {
    add(`first answer of ${name}, median`, "ms", answers[name].median);
    add(`first answer of ${name}, worst of 25`, "ms", answers[name].worst);
  }
  let residentMiB = 0;
  for (const [what, name] of Object.entries(rates)) {
    const found = await ask<Rate>(program, what);
    add(name, "events/s", found.perSecond);
    residentMiB = Math.max(residentMiB, found.residentMiB);
  }
  add("resident memory, the most", "MiB", residentMiB);
  return rows;
}
