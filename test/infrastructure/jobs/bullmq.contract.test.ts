import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Queue } from "bullmq";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Jobs } from "../../../application/ports/jobs.ts";
import { createBullmqJobs } from "../../../infrastructure/jobs/bullmq.ts";
import { blockingConnections } from "../../../infrastructure/redis/blocking.ts";
import type { RedisClient } from "../../../infrastructure/redis/connect.ts";
import { type RedisServer, startRedisServer } from "../../support/redis-server.ts";
import { jobsContract } from "./contract.ts";

let redis: RedisServer;
let connection: () => RedisClient;
beforeAll(async () => {
  redis = await startRedisServer();
  connection = await blockingConnections(redis.url);
});
afterAll(() => redis[Symbol.asyncDispose]());

/** A server of a test's own, which may fail. */
async function ownServer() {
  const own = await startRedisServer();
  onTestFinished(() => own[Symbol.asyncDispose]());
  return { own, connectionToOwn: await blockingConnections(own.url) };
}

const newPrefix = () => `{dacapo:${randomUUID()}}`;

/** Jobs of one process, closed after the test. */
function connect(
  prefix: string,
  failed: (name: string, error: unknown) => void = () => undefined,
  to = connection,
): Jobs {
  const lost = (error: unknown) => failed("redis", error);
  const jobs = createBullmqJobs({ connection: to, prefix, failed, lost, lockDuration: 1_000 });
  onTestFinished(() => jobs.close());
  return jobs;
}

jobsContract("bullmq", async () => {
  const prefix = newPrefix();
  return {
    connect: (failed) =>
      createBullmqJobs({ connection, prefix, failed, lost: () => undefined, lockDuration: 1_000 }),
    remove: async () => undefined,
  };
});

describe("jobs of several processes", () => {
  it("run about once an interval, whoever schedules them", async () => {
    const prefix = newPrefix();
    const runs: number[] = [];
    const workers = Array.from({ length: 3 }, () => connect(prefix));
    for (const worker of workers)
      await worker.schedule("count", 300, async () => void runs.push(performance.now()));
    await delay(3_300);
    expect(runs.length).toBeGreaterThanOrEqual(8);
    expect(runs.length).toBeLessThanOrEqual(12);
  });

  it("never run twice at once in all of them", async () => {
    const prefix = newPrefix();
    let running = 0;
    let most = 0;
    let runs = 0;
    for (const worker of Array.from({ length: 3 }, () => connect(prefix)))
      await worker.schedule("long", 100, async () => {
        running += 1;
        most = Math.max(most, running);
        await delay(250);
        running -= 1;
        runs += 1;
      });
    await expect.poll(() => runs, { timeout: 10_000 }).toBeGreaterThanOrEqual(5);
    expect(most).toBe(1);
  });

  it("hand over a run that was cut short by the end of a process, without waiting for the next", async () => {
    const prefix = newPrefix();
    const [ending, staying] = [connect(prefix), connect(prefix)];
    const begun = Promise.withResolvers<void>();
    await ending.schedule("long", 4_000, async ({ signal }) => {
      begun.resolve();
      await delay(20_000, undefined, { signal }).catch(() => undefined);
    });
    await begun.promise;
    let takenOver = false;
    await staying.schedule("long", 4_000, async () => {
      takenOver = true;
    });
    const closed = performance.now();
    await ending.close();
    await expect.poll(() => takenOver, { timeout: 10_000 }).toBe(true);
    expect(performance.now() - closed).toBeLessThan(3_500);
  });

  it("tell how far a run has come, and are not remembered for ever", async () => {
    const prefix = newPrefix();
    const jobs = connect(prefix);
    await jobs.schedule("counted", 100, async ({ progress }) => await progress(42));
    const client = connection();
    const queue = new Queue("jobs", { connection: client, prefix });
    onTestFinished(async () => {
      await queue.close();
      client.disconnect();
    });
    const completed = async () => (await queue.getCompleted()).map(({ progress }) => progress);
    await expect.poll(completed, { timeout: 5_000 }).toContain(42);
    const [job] = await queue.getCompleted();
    expect(job?.opts).toMatchObject({ removeOnComplete: { count: 200 }, removeOnFail: { count: 200 } });
    const keys = (await redis.call("KEYS", "*")) as string[];
    expect(keys.filter((key) => key.includes(prefix)).every((key) => key.startsWith(prefix))).toBe(true);
  });
});

describe("jobs whose Redis fails", () => {
  it("go on when it is back, though it lost them; nothing is thrown meanwhile", async () => {
    const { own, connectionToOwn } = await ownServer();
    const failures: string[] = [];
    const jobs = connect(newPrefix(), (name) => failures.push(name), connectionToOwn);
    let runs = 0;
    await jobs.schedule("count", 200, async () => {
      runs += 1;
    });
    await expect.poll(() => runs, { timeout: 5_000 }).toBeGreaterThan(2);
    await own.stop();
    await delay(1_000);
    expect(failures).toEqual(["redis"]); // told once
    await own.start();
    const before = runs;
    await expect.poll(() => runs, { timeout: 15_000 }).toBeGreaterThan(before + 2);
  });

  it("can be scheduled and closed while it is gone", async () => {
    const { own, connectionToOwn } = await ownServer();
    await own.stop();
    const failures: string[] = [];
    const jobs = connect(newPrefix(), (name) => failures.push(name), connectionToOwn);
    const begun = performance.now();
    await jobs.schedule("count", 200, async () => undefined);
    await jobs.close();
    expect(performance.now() - begun).toBeLessThan(6_000);
    expect(failures).toContain("redis");
  });
});
