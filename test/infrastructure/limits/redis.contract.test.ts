import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedisCounters } from "../../../infrastructure/limits/redis.ts";
import { startRedisCluster } from "../../support/redis-cluster.ts";
import { startRedisServer } from "../../support/redis-server.ts";

describe.each([
  ["one server", startRedisServer],
  ["a Cluster", startRedisCluster],
])("counters in Redis, %s", (_, start) => {
  let redis: AsyncDisposable & { readonly url: string };
  beforeAll(async () => {
    redis = await start();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  it("are those of all processes of one log", async () => {
    const [one, same, other] = ["log", "log", "other"].map((logId) =>
      openRedisCounters({ url: redis.url, logId }),
    );
    if (!one || !same || !other) throw new Error("not opened");
    const keys = Array.from({ length: 12 }, (_, n) => `key ${n}`);
    // A Cluster is looked at before it is spoken to, which may take longer than one call waits.
    await one.add("first", 60).catch(() => sleep(500));
    await same.add("first", 60).catch(() => sleep(500));
    for (const key of keys) {
      expect((await one.add(key, 60)).count).toBe(1);
      const { count, endsIn } = await same.add(key, 60, 2);
      expect(count).toBe(3);
      expect(endsIn).toBeGreaterThan(55_000);
      expect(endsIn).toBeLessThanOrEqual(60_000);
    }
    await other.add("first", 60).catch(() => sleep(500));
    expect((await other.add("key 0", 60)).count).toBe(1);
    await one.forget("key 0");
    expect((await same.add("key 0", 60)).count).toBe(1);
    expect((await same.add("key 1", 60, -1)).count).toBe(2);
    await Promise.all([one, same, other].map((counters) => counters.close()));
  });
});

it("counters in Redis fail soon where nothing answers, and close", async () => {
  const counters = openRedisCounters({ url: "redis://127.0.0.1:9", logId: "log" });
  const since = performance.now();
  await expect(counters.add("key", 60)).rejects.toThrow("Redis");
  expect(performance.now() - since).toBeLessThan(1_000);
  await counters.close();
});
