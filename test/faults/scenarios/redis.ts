import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { isNightly, size } from "../fault-size.ts";
import { loseRedis, snapshotOf } from "../redis-data.ts";
import { cutReplication, follow } from "../redis-place.ts";
import { type Run, underLoad } from "../under-load.ts";

/** Redis is emptied, comes back empty, and comes back from an older snapshot. */
export async function lost(run: Run): Promise<void> {
  const redis = run.redis.master;
  await underLoad("lost", run, async () => {
    await redis.call("FLUSHALL");
    await sleep(size.seconds * 500);
    using snapshot = await snapshotOf(redis);
    await sleep(size.seconds * 500);
    await snapshot.restore();
    await sleep(size.seconds * 500);
    await loseRedis(redis);
  });
}

/** Redis takes everything and answers nothing. */
export async function hanging(run: Run): Promise<void> {
  const load = await underLoad("hanging", run, async () => {
    run.redis.master.pause();
    await sleep(size.hang);
    run.redis.master.resume();
  });
  expect(load.tally.of("introspect", 200).slowest).toBeLessThan(2_000);
}

/** One server reaches Redis no more, and is not told. */
export async function cutOff(run: Run): Promise<void> {
  const way = run.deployment.apis[0]?.wayToRedis;
  await underLoad("cut off", run, async () => {
    way?.cut();
    await sleep(size.hang / 1.5);
    way?.mend();
  });
}

/**
 * All are led, one after the other, to a replica that has lost touch with the master, which lives on: one server is there
 * before all, another one believes the old master when the others, and who fills the read models, are with the new one.
 */
export async function ledElsewhere(run: Run): Promise<void> {
  const { apis, workersWay } = run.deployment;
  const [last, first] = apis.map(({ wayToRedis }) => wayToRedis);
  await underLoad("led elsewhere", run, async (random) => {
    const { master, replica } = run.redis;
    await cutReplication(replica);
    await sleep(size.seconds * 400);
    await replica.call("REPLICAOF", "NO", "ONE");
    first?.leadTo(replica.port);
    await sleep(isNightly ? random() * 2_000 : 1_200);
    if (isNightly && random() < 0.5) apis[0]?.process.pause();
    workersWay?.leadTo(replica.port);
    await sleep(1_500);
    apis[0]?.process.resume();
    await sleep(1_000);
    last?.leadTo(replica.port);
    await sleep(500);
    await follow(master, replica);
    Object.assign(run.redis, { master: replica, replica: master, url: replica.url });
  });
}
