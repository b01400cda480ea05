import { setTimeout as sleep } from "node:timers/promises";
import { History } from "../support/history.ts";
import type { RedisServer } from "../support/redis-server.ts";
import { type Deployment, startDeployment } from "./deployment.ts";
import { seed, size } from "./fault-size.ts";
import { type Load, type LoadOptions, startLoad } from "./load.ts";
import { type Random, randomOf } from "./random.ts";
import { verify } from "./verify.ts";

/** A deployment under test. */
export interface Run {
  readonly deployment: Deployment;
  readonly redis: RedisRoles;
}

/** Which Redis is written to now, at this URL, and which follows it. */
interface RedisRoles {
  url: string;
  master: RedisServer;
  replica: RedisServer;
}

/** Starts a deployment whose servers have ways of their own to a Redis that has a replica and keeps its data in files. */
export async function startRun(): Promise<Run> {
  const deployment = await startDeployment({
    redis: "replicated",
    redisConfig: ["appendonly yes"],
    areCuttable: true,
  });
  const [master] = deployment.redis.masters as [RedisServer];
  const [replica] = deployment.redis.replicas as [RedisServer];
  return { deployment, redis: { url: deployment.redis.url, master, replica } };
}

const quiet = 300;

/** Ends every fault that a failed test may have left behind. */
async function heal({ deployment: { store, apis, workers, workersWay }, redis }: Run): Promise<void> {
  process.kill(store.pid, "SIGCONT");
  redis.master.resume();
  for (const one of [...workers, ...apis.map(({ process }) => process)]) one.resume();
  for (const way of [workersWay, ...apis.map(({ wayToRedis }) => wayToRedis)]) if (way?.isCut()) way.mend();
  await store.clearFaults();
}

/** Lets something happen to a deployment in the middle of a load, as often as the size of the run says, and verifies all. */
export async function underLoad(
  name: string,
  run: Run,
  fault: (random: Random, load: Load) => Promise<void>,
  options: LoadOptions = {},
): Promise<Load> {
  const random = randomOf(seed);
  const load = startLoad(run.deployment, new History(), random, options);
  try {
    for (let round = 0; round < size.rounds; round += 1) {
      await sleep(quiet + random() * quiet);
      await fault(random, load);
      await sleep(quiet);
    }
    await verify(`${name} (DACAPO_SEED=${seed})`, run, load);
  } finally {
    await heal(run);
    await load.stop();
  }
  return load;
}
