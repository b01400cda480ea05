import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRedisReadModels } from "../../../infrastructure/read-models/redis/index.ts";
import { type RedisCluster, startRedisCluster } from "../../support/redis-cluster.ts";
import { type RedisSentinel, startRedisSentinel } from "../../support/redis-sentinel.ts";
import { type RedisServer, startRedisServer } from "../../support/redis-server.ts";
import { batch, put } from "./batches.ts";
import { readModelsContract } from "./contract.ts";
import { beat, get } from "./contract-place.ts";

describe("one Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer({ password: "secret" });
  });
  afterAll(async () => await server[Symbol.asyncDispose]());

  readModelsContract("redis", async () => {
    const lose = async () => void (await server.call("FLUSHALL"));
    return {
      connect: () => openRedisReadModels({ url: `${server.url}/3`, logId: "log", generation: "1" }),
      lose,
      remove: lose,
    };
  });
});

describe("a Redis Cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster({ password: "secret" });
  });
  afterAll(async () => await cluster[Symbol.asyncDispose]());

  readModelsContract("redis cluster", async () => {
    const lose = async () => {
      for (const master of cluster.masters) await master.call("FLUSHALL");
    };
    return {
      isOneState: false,
      connect: () => openRedisReadModels({ url: cluster.url, logId: "log", generation: "1" }),
      lose,
      remove: lose,
    };
  });

  it("is recognised by one of its servers", async () => {
    const url = cluster.masters[1]?.url ?? "";
    const models = await openRedisReadModels({ url, logId: "other", generation: "1" });
    expect((await models.checkpoint()).heartbeats).toHaveLength(16);
    await models.close();
    const other = openRedisReadModels({ url: `${url}/2`, logId: "other", generation: "1" });
    await expect(other).rejects.toThrow("database 0 only");
  });
});

describe("Redis behind Sentinels", () => {
  let sentinel: RedisSentinel;
  beforeAll(async () => {
    sentinel = await startRedisSentinel();
  });
  afterAll(async () => await sentinel[Symbol.asyncDispose]());

  it("holds read models", async () => {
    const models = await openRedisReadModels({ url: sentinel.url, logId: "log", generation: "1" });
    expect(await models.apply(batch(0n, 1n, put("a", { n: 1 })))).toBe(true);
    expect(await beat(models, 1n)).toBe(true);
    expect(await get(models, "a")).toEqual({ n: 1 });
    await models.close();
  });
});
