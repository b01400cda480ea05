import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Fillable, ReadModels } from "../../../application/ports/read-models.ts";
import { openRedisReadModels } from "../../../infrastructure/read-models/redis/index.ts";
import { type RedisCluster, startRedisCluster } from "../../support/redis-cluster.ts";
import type { RedisServer } from "../../support/redis-server.ts";
import { batch, put } from "./batches.ts";
import { beat, cleanAll, ids } from "./contract-place.ts";

const names = Array.from({ length: 40 }, (_, n) => `d${n}`);
const keys = names.map((id) => ({ collection: "grants", id }));

/** A log whose event n says that a document, one of forty in turn, is now `{ n }`. */
const eventsBetween = (from: bigint, to: bigint) =>
  Array.from({ length: Number(to - from) }, (_, at) => {
    const n = Number(from) + at + 1;
    return put(`d${n % names.length}`, { n }, { indexes: { remainder: `${n % 3}` } });
  });

/** One step of a projector; nothing where the servers do not let it. */
async function step(models: Fillable, end: bigint): Promise<bigint> {
  const { position, ahead } = await models.checkpoint();
  const to = ahead ?? (position + 3n < end ? position + 3n : end);
  if (to > position) await models.apply(batch(position, to, ...eventsBetween(position, to)));
  return position;
}

async function fill(models: Fillable, end: bigint): Promise<void> {
  for (let position = -1n; position < end; )
    position = await step(models, end).catch(() => sleep(20).then(() => position));
}

/** The documents as a fresh fold of the log leaves them. */
function expected(end: bigint) {
  const documents = new Map(eventsBetween(0n, end).map(({ id, document }) => [id, document]));
  return names.map((id) => documents.get(id));
}

describe("read models in a Redis Cluster", () => {
  const stack: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const resource of stack.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  });

  async function start(replicas: number): Promise<RedisCluster> {
    const cluster = await startRedisCluster({ replicas });
    stack.push(cluster);
    return cluster;
  }
  async function open(url: string): Promise<ReadModels> {
    const models = await openRedisReadModels({ url, logId: "log", generation: "1" });
    stack.push({ [Symbol.asyncDispose]: () => models.close() });
    return models;
  }
  async function recovered(models: Fillable) {
    const asked = () => models.checkpoint().catch(() => undefined);
    await expect.poll(asked, { timeout: 20_000 }).toBeDefined();
    return await models.checkpoint();
  }

  it("go on without a hole when a server is lost under load", async () => {
    const cluster = await start(1);
    const [projector, reader] = [await open(cluster.url), await open(cluster.url)];
    await fill(projector, 30n);
    expect(await beat(projector, 30n)).toBe(true);
    await reader.checkpoint();
    expect(await reader.getMany(keys)).toEqual(expected(30n));
    const before = await reader.checkpoint();

    const filling = fill(projector, 1_500n);
    await sleep(100);
    await cluster.masters[1]?.stop();
    await expect(reader.getMany(keys)).rejects.toThrow(Unavailable);
    await filling;

    const after = await recovered(reader);
    expect(after).toMatchObject({ position: 1_500n, ahead: null });
    expect(after.incarnation).not.toBe(before.incarnation);
    expect(after.movedAt).toBeGreaterThan(0);
    expect(await beat(projector, 1_500n)).toBe(true);
    expect(await reader.getMany(keys)).toEqual(expected(1_500n));
    expect(await ids(reader, { limit: 99 })).toEqual([...names].sort());
    const remainders = await reader.list("grants", { index: ["remainder", "1"], limit: 99 });
    expect(remainders.map(({ document }) => Number(document.n) % 3)).toEqual(remainders.map(() => 1));

    // The server that hands over stays connected, as a replica.
    await cluster.replicas[0]?.call("CLUSTER", "FAILOVER");
    await expect
      .poll(() => reader.getMany(keys).catch((error: unknown) => error))
      .toBeInstanceOf(Unavailable);
    expect((await recovered(reader)).movedAt).toBeGreaterThan(after.movedAt);
    expect(await reader.getMany(keys)).toEqual(expected(1_500n));
  });

  it("tell how far a part is ahead, and let the others come after it", async () => {
    const cluster = await start(0);
    const models = await open(cluster.url);
    await fill(models, 9n);
    cluster.masters[2]?.pause();
    await expect(models.apply(batch(9n, 12n, ...eventsBetween(9n, 12n)))).rejects.toThrow(Unavailable);
    await cluster.masters[2]?.stop();
    await cluster.masters[2]?.start();
    const { position, ahead, incarnation } = await recovered(models);
    expect({ position, ahead }).toEqual({ position: 0n, ahead: 12n });
    expect(await models.beat(12n, incarnation)).toBe(false);
    expect(await models.apply(batch(0n, 12n, ...eventsBetween(0n, 12n)))).toBe(true);
    expect(await models.checkpoint()).toMatchObject({ position: 12n, ahead: null });
    expect(await beat(models, 12n)).toBe(true);
    expect(await models.getMany(keys)).toEqual(expected(12n));
  });

  it("are taken over wholly by another process where the first was stopped half way", async () => {
    const cluster = await start(0);
    const [models, other] = [await open(cluster.url), await open(cluster.url)];
    await fill(models, 5n);
    expect(await beat(models, 5n)).toBe(true);
    const next = await models.successor();
    await fill(next, 60n);
    cluster.masters[2]?.pause();
    await expect(next.takeOver()).rejects.toThrow(Unavailable);
    cluster.masters[2]?.resume();
    await recovered(other);
    const taken = await other.successor();
    expect((await taken.checkpoint()).position).toBe(60n);
    expect(await taken.takeOver()).toBe(true);
    await expect(next.takeOver()).rejects.toThrow(Unavailable);
    expect((await recovered(next)).position).toBe(60n);
    expect(await next.takeOver()).toBe(true);
    for (const from of [models, other]) {
      expect((await recovered(from)).position).toBe(60n);
      expect(await from.getMany(keys)).toEqual(expected(60n));
    }
    expect(await cleanAll(other, Date.now(), 3)).toBe(5);
    expect(await ids(models, { limit: 99 })).toEqual([...names].sort());
  });

  it("are not looked for on a server to which a part is moved until somebody has asked what is there", async () => {
    const cluster = await start(0);
    const [models, reader] = [await open(cluster.url), await open(cluster.url)];
    await fill(models, 40n);
    expect(await beat(models, 40n)).toBe(true);
    await reader.checkpoint();
    const [source, target] = cluster.masters as readonly [RedisServer, RedisServer];
    const slot = await slotInUse(source);
    await beginMigration(source, target, slot);
    await expect(reader.getMany(keys)).rejects.toThrow("moving data");
    await expect(models.apply(batch(40n, 80n, ...eventsBetween(40n, 80n)))).rejects.toThrow("moving data");
    await endMigration(cluster, target, slot);
    await expect(reader.getMany(keys)).rejects.toThrow(Unavailable);
    expect((await recovered(reader)).movedAt).toBeGreaterThan(0);
    await fill(models, 80n);
    expect(await beat(models, 80n)).toBe(true);
    expect(await reader.getMany(keys)).toEqual(expected(80n));
  });
});

/** The slot of most keys of this server. */
async function slotInUse(server: RedisServer): Promise<number> {
  const all = (await server.call("KEYS", "*:grants/*")) as string[];
  return Number(await server.call("CLUSTER", "KEYSLOT", all[0] ?? ""));
}

async function beginMigration(source: RedisServer, target: RedisServer, slot: number): Promise<void> {
  await target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", String(await source.call("CLUSTER", "MYID")));
  await source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", String(await target.call("CLUSTER", "MYID")));
  const all = (await source.call("CLUSTER", "GETKEYSINSLOT", slot, 999)) as string[];
  await source.call("MIGRATE", "127.0.0.1", target.port, "", 0, 5_000, "KEYS", ...all);
}

async function endMigration({ masters }: RedisCluster, target: RedisServer, slot: number): Promise<void> {
  const id = String(await target.call("CLUSTER", "MYID"));
  for (const server of [target, ...masters]) await server.call("CLUSTER", "SETSLOT", slot, "NODE", id);
}
