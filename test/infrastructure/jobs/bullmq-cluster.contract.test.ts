import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { createBullmqJobs } from "../../../infrastructure/jobs/bullmq.ts";
import { blockingConnections } from "../../../infrastructure/redis/blocking.ts";
import type { RedisClient } from "../../../infrastructure/redis/connect.ts";
import { type RedisCluster, startRedisCluster } from "../../support/redis-cluster.ts";
import { jobsContract } from "./contract.ts";

let cluster: RedisCluster;
let connection: () => RedisClient;
beforeAll(async () => {
  cluster = await startRedisCluster();
  connection = await blockingConnections(cluster.url);
});
afterAll(() => cluster[Symbol.asyncDispose]());

jobsContract("bullmq over a Cluster", async () => {
  const prefix = `{dacapo:${randomUUID()}}`;
  return {
    connect: (failed) =>
      createBullmqJobs({ connection, prefix, failed, lost: () => undefined, lockDuration: 1_000 }),
    remove: async () => undefined,
  };
});
