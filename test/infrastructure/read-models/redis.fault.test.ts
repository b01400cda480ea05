import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { ReadModels } from "../../../application/ports/read-models.ts";
import { openRedisReadModels } from "../../../infrastructure/read-models/redis/index.ts";
import { freePort } from "../../support/free-port.ts";
import { startRedisSentinel } from "../../support/redis-sentinel.ts";
import { type RedisServer, type RedisServerOptions, startRedisServer } from "../../support/redis-server.ts";
import { batch, put } from "./batches.ts";
import { beat, cleanAll, get, ids } from "./contract-place.ts";

const hour = 3_600_000;

describe("read models in Redis", () => {
  let server: RedisServer;
  const stack: AsyncDisposable[] = [];
  beforeEach(async () => {
    server = await start();
  });
  afterEach(async () => {
    for (const resource of stack.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  });

  async function start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const started = await startRedisServer({ password: "s3cret", ...options });
    stack.push(started);
    return started;
  }
  async function open(url = server.url, options: { generation?: string; patience?: number } = {}) {
    const models = await openRedisReadModels({ url, logId: "log", generation: "1", ...options });
    stack.push({ [Symbol.asyncDispose]: () => models.close() });
    return models;
  }
  async function openFilled(url = server.url): Promise<ReadModels> {
    const models = await open(url);
    expect(await models.apply(batch(0n, 1n, put("a", { n: 1 }, { indexes: { user: "u" } })))).toBe(true);
    expect(await beat(models, 1n)).toBe(true);
    return models;
  }
  /** The first checkpoint that is told after a fault. */
  async function recovered(models: ReadModels) {
    const asked = () => models.checkpoint().catch(() => undefined);
    await expect.poll(asked, { timeout: 20_000 }).toBeDefined();
    return await models.checkpoint();
  }
  /** Waits until there is a connection that nobody has asked anything. */
  const reconnected = (models: ReadModels, wasLost = 300) =>
    sleep(wasLost).then(() => expect(get(models, "a")).rejects.toThrow("connection is new"));
  const keys = async () => ((await server.call("KEYS", "*")) as string[]).sort();
  const calls = async (command: string) =>
    Number(
      new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(
        String(await server.call("INFO", "commandstats")),
      )?.[1] ?? 0,
    );

  describe("that were lost", () => {
    it("are not read, and are filled anew from the start", async () => {
      const models = await openFilled();
      await server.call("FLUSHALL");
      await expect(get(models, "a")).rejects.toThrow(Unavailable);
      await expect(models.list("grants", { limit: 9 })).rejects.toThrow(Unavailable);
      expect(await models.apply(batch(1n, 2n, put("b", {})))).toBe(false);
      expect(await models.checkpoint()).toMatchObject({ position: 0n, heartbeats: [0], movedAt: 0 });
      expect(await models.apply(batch(0n, 1n, put("b", {})))).toBe(true);
      await expect(get(models, "b")).rejects.toThrow(Unavailable);
      expect(await beat(models, 1n)).toBe(true);
      expect(await ids(models, { limit: 9 })).toEqual(["b"]);
    });

    it("are those of an older snapshot after a restart, which is told as a move", async () => {
      const models = await openFilled();
      const before = await models.checkpoint();
      await server.call("SAVE");
      await models.apply(batch(1n, 2n, put("a", { n: 2 })));
      await server.stop();
      await expect(get(models, "a")).rejects.toThrow(Unavailable);
      await server.start();
      await reconnected(models);
      await expect(models.apply(batch(1n, 2n, put("a", { n: 2 })))).rejects.toThrow(Unavailable);
      expect(await models.beat(2n, before.incarnation)).toBe(false);
      const after = await models.checkpoint();
      expect(after).toMatchObject({ position: 1n, heartbeats: before.heartbeats });
      expect(after.incarnation).not.toBe(before.incarnation);
      expect(after.time - after.movedAt).toBeLessThan(1_000);
      expect((await models.checkpoint()).movedAt).toBe(after.movedAt);
      expect((await (await open()).checkpoint()).movedAt).toBe(after.movedAt);
      expect(await get(models, "a")).toEqual({ n: 1 });
    });

    it("are not written by who has not asked how long to wait", async () => {
      const models = await openFilled();
      const { incarnation: before } = await models.checkpoint();
      await server.call("SAVE");
      await server.stop();
      await server.start();
      const { incarnation } = await recovered(models);
      expect(await models.apply({ ...batch(1n, 2n), incarnation: before })).toBe(false);
      expect(await models.apply({ ...batch(1n, 2n), incarnation })).toBe(true);
    });

    it("are a move for who knew them on another server, also where nothing is left", async () => {
      const models = await openFilled();
      await server.stop();
      await server.start();
      await recovered(models);
      const { position, movedAt, time } = await models.checkpoint();
      expect(position).toBe(0n);
      expect(time - movedAt).toBeLessThan(2_000);
      await models.apply(batch(0n, 1n));
    });
  });

  describe("over a connection", () => {
    it("that was lost are not read until somebody asked for the checkpoint", async () => {
      const models = await openFilled();
      const before = await models.checkpoint();
      await server.call("CLIENT", "KILL", "TYPE", "normal");
      await reconnected(models);
      expect(await models.beat(1n, before.incarnation)).toBe(false);
      const after = await models.checkpoint();
      expect(after).toMatchObject({ movedAt: 0, heartbeats: before.heartbeats });
      expect(after.incarnation).not.toBe(before.incarnation);
      expect(await models.beat(1n, before.incarnation)).toBe(false);
      expect(await get(models, "a")).toEqual({ n: 1 });
    });

    it("are refused to who believes the server before, whoever else of this process has looked at the new one", async () => {
      const models = await openFilled();
      const { incarnation } = await models.checkpoint();
      await server.call("SAVE");
      await server.stop();
      await server.start();
      await recovered(models);
      const key = { collection: "grants", id: "a" };
      expect(await models.getMany([key])).toEqual([{ n: 1 }]);
      await expect(models.getMany([key], incarnation)).rejects.toThrow(Unavailable);
    });

    it("to a server that hangs fail soon, and come back", async () => {
      const models = await openFilled();
      const { incarnation, heartbeats } = await models.checkpoint();
      server.pause();
      const startedAt = performance.now();
      const asked = [
        get(models, "a"),
        models.list("grants", { limit: 9 }),
        models.checkpoint(),
        models.apply(batch(1n, 2n)),
        models.beat(1n, incarnation),
        models.clean(Date.now(), 9),
        models.successor(),
      ];
      for (const { status } of await Promise.allSettled(asked)) expect(status).toBe("rejected");
      for (const question of asked) await expect(question).rejects.toThrow(Unavailable);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      const againAt = performance.now();
      await expect(get(models, "a")).rejects.toThrow(Unavailable);
      await expect(models.checkpoint()).rejects.toThrow(Unavailable);
      expect(performance.now() - againAt).toBeLessThan(2_000);
      await sleep(500);
      server.resume();
      await recovered(models);
      // The batch was still in the line of the server, and it is right at any time. The beat is not.
      expect(await models.checkpoint()).toMatchObject({ position: 2n, heartbeats });
      expect(await get(models, "a")).toEqual({ n: 1 });
    });

    it("are not said to be alive by what a server that hung finds when it wakes", async () => {
      const models = await openFilled();
      const { heartbeats, incarnation } = await models.checkpoint();
      server.pause();
      await expect(models.beat(1n, incarnation)).rejects.toThrow(Unavailable);
      await sleep(300);
      server.resume();
      expect(await recovered(models)).toMatchObject({ position: 1n, heartbeats });
      expect(await beat(models, 1n)).toBe(true);
    });

    it("that cannot be made are Unavailable, without the password", async () => {
      const startedAt = performance.now();
      const port = await freePort();
      const nowhere = open(`redis://:s3cret@127.0.0.1:${port}`, { patience: 300 });
      await expect(nowhere).rejects.toThrow(Unavailable);
      await expect(nowhere).rejects.toThrow("ECONNREFUSED");
      for (const url of [server.url.replace("s3cret", "wr0ng"), server.url.replace(":s3cret@", "")]) {
        const error = await open(url).catch((error: unknown) => error);
        expect(error).toBeInstanceOf(Unavailable);
        expect(JSON.stringify([error, String(error), (error as Error).cause])).not.toMatch(/s3cret|wr0ng/);
      }
      expect(performance.now() - startedAt).toBeLessThan(2_000);
    });

    it("to a database that is not there are refused", async () => {
      await expect(open(`${server.url}/99`)).rejects.toThrow("it has no database 99");
    });

    it("are waited for while the server starts", async () => {
      const port = await freePort();
      const opening = open(`redis://:s3cret@127.0.0.1:${port}`);
      await sleep(300);
      await start({ port });
      expect((await (await opening).checkpoint()).position).toBe(0n);
    });

    it("are closed for ever", async () => {
      const models = await openFilled();
      await models.close();
      await models.close();
      await expect(models.checkpoint()).rejects.toThrow(Unavailable);
      await expect(get(models, "a")).rejects.toThrow(Unavailable);
    });
  });

  describe("on a server", () => {
    it("that may evict documents are refused", async () => {
      const evicting = await start({ config: ["maxmemory-policy allkeys-lru"] });
      await expect(open(evicting.url)).rejects.toThrow("maxmemory-policy is allkeys-lru): set");
    });

    it("that may evict documents now are refused at the next connection", async () => {
      const models = await openFilled();
      await server.call("CONFIG", "SET", "maxmemory-policy", "volatile-ttl");
      await server.call("CLIENT", "KILL", "TYPE", "normal");
      const message = () => models.checkpoint().then(String, (error: Error) => error.message);
      await expect.poll(message).toContain("volatile-ttl");
      await expect(get(models, "a")).rejects.toThrow(Unavailable);
      await server.call("CONFIG", "SET", "maxmemory-policy", "noeviction");
      await models.checkpoint();
      expect(await get(models, "a")).toEqual({ n: 1 });
    });

    it("that is a replica are refused, also where it became one", async () => {
      const replica = await start({ config: [`replicaof 127.0.0.1 ${server.port}`] });
      await expect(open(replica.url)).rejects.toThrow("is a replica");
      await replica.call("REPLICAOF", "NO", "ONE");
      const models = await openFilled(replica.url);
      await replica.call("REPLICAOF", "127.0.0.1", server.port);
      await expect(models.checkpoint()).rejects.toThrow(Unavailable);
      await expect(get(models, "a")).rejects.toThrow(Unavailable);
    });

    it("are beside those of another generation", async () => {
      const one = await openFilled();
      const two = await open(server.url, { generation: "2" });
      expect((await two.checkpoint()).position).toBe(0n);
      expect(await two.apply(batch(0n, 9n, put("a", { n: 9 })))).toBe(true);
      expect(await beat(two, 9n)).toBe(true);
      expect(await get(one, "a")).toEqual({ n: 1 });
      expect(await get(two, "a")).toEqual({ n: 9 });
      expect((await one.checkpoint()).position).toBe(1n);
    });
  });

  describe("cost", () => {
    it("one MGET for all that is asked in one turn", async () => {
      const models = await openFilled();
      const before = await calls("mget");
      const asked = Array.from({ length: 32 }, (_, n) =>
        models.getMany(["a", `b${n}`, "c"].map((id) => ({ collection: "grants", id }))),
      );
      for (const [a] of await Promise.all(asked)) expect(a).toEqual({ n: 1 });
      expect(await calls("mget")).toBe(before + 1);
    });

    it("one script a batch, also for many documents with many indexes", async () => {
      const models = await openFilled();
      const before = await calls("evalsha");
      const puts = Array.from({ length: 2_000 }, (_, n) =>
        put(`d${n}`, { n }, { indexes: { user: `u${n % 7}`, client: "c" }, expiresAt: Date.now() + hour }),
      );
      expect(await models.apply(batch(1n, 2n, ...puts))).toBe(true);
      expect(await calls("evalsha")).toBe(before + 1);
      expect(await ids(models, { index: ["client", "c"], limit: 9_999 })).toHaveLength(2_000);
      expect(
        await models.apply(batch(2n, 3n, ...puts.map((it) => ({ ...it, indexes: {}, expiresAt: null })))),
      ).toBe(true);
      expect(await ids(models, { index: ["client", "c"], limit: 9 })).toEqual([]);
      expect(await ids(models, { limit: 9_999 })).toHaveLength(2_001);
    });

    it("no key more than is needed, when all has been cleaned", async () => {
      const models = await openFilled();
      const before = (await keys()).length;
      const next = await models.successor();
      const expiresAt = Date.now() + hour;
      await next.apply(batch(0n, 1n, put("a", {}, { indexes: { user: "u" } }), put("x", {}, { expiresAt })));
      expect(await next.takeOver()).toBe(true);
      expect(await cleanAll(models, expiresAt + 1, 5)).toBe(2);
      expect(await keys()).toHaveLength(before);
    });
  });

  it("of generations that nobody has used for a week are removed", async () => {
    const models = await openFilled();
    const old = await open(server.url, { generation: "0" });
    await old.apply(batch(0n, 1n, put("a", {}, { indexes: { user: "u" } }), put("b", {})));
    expect(await beat(old, 1n)).toBe(true);
    const before = (await keys()).length;
    const next = await old.successor();
    await next.apply(batch(0n, 1n, put("c", {})));
    expect(await cleanAll(models, Date.now(), 2)).toBe(0);
    const registry = (await keys()).find((name) => name.endsWith(":generations")) ?? "";
    const used = (await server.call("ZRANGE", registry, 0, -1)) as string[];
    const weekAgo = Date.now() - 7 * 24 * hour - 1;
    for (const generation of used) await server.call("ZADD", registry, weekAgo, generation);
    expect(await cleanAll(models, Date.now(), 2)).toBe(3);
    expect(await get(models, "a")).toEqual({ n: 1 });
    await expect(get(old, "a")).rejects.toThrow(Unavailable);
    expect((await keys()).length).toBeLessThan(before - 2);
    expect((await old.checkpoint()).position).toBe(0n);
  });

  describe("documents that expire", () => {
    it("stay until they are cleaned, and are skipped in lists where somebody took one away", async () => {
      const models = await openFilled();
      const expiresAt = Date.now() + hour;
      const before = (await keys()).length;
      await models.apply(batch(1n, 2n, put("e", {}, { expiresAt, indexes: { user: "u" } }), put("f", {})));
      const key = (await keys()).find((name) => name.endsWith("grants/e")) ?? "";
      expect(await server.call("PTTL", key)).toBe(-1);
      await server.call("DEL", key);
      expect(await ids(models, { limit: 2 })).toEqual(["a", "f"]);
      expect(await ids(models, { index: ["user", "u"], limit: 9 })).toEqual(["a"]);
      expect(await models.clean(expiresAt + 1, 9)).toBe(1);
      expect(await keys()).toHaveLength(before + 1);
    });

    it("are there for a while when they had expired before they were written", async () => {
      const models = await openFilled();
      await models.apply(batch(1n, 2n, put("e", { old: true }, { expiresAt: 1_000 })));
      expect(await get(models, "e")).toEqual({ old: true });
      expect(await models.clean(Date.now(), 9)).toBe(1);
      expect(await get(models, "e")).toBeUndefined();
    });
  });

  it("that somebody else has overwritten are not answered, and are written anew", async () => {
    const models = await openFilled();
    const key = (await keys()).find((name) => name.endsWith("grants/a")) ?? "";
    for (const other of ['{"n":1}', "", "\0\0"]) {
      await server.call("SET", key, other);
      await expect(get(models, "a")).rejects.toThrow(Unavailable);
      await expect(models.list("grants", { limit: 9 })).rejects.toThrow(Unavailable);
    }
    expect(await models.apply(batch(1n, 2n, put("a", { n: 2 }, { indexes: { user: "u" } })))).toBe(true);
    expect(await get(models, "a")).toEqual({ n: 2 });
  });

  it.each(["00015a", "00022e41", "0003417f00", "ff"])(
    "whose head somebody has broken (%s) are written over, and keep nothing else from being written",
    async (head) => {
      const models = await openFilled();
      const key = (await keys()).find((name) => name.endsWith("/a")) ?? "";
      const restored = `redis.call('SET', KEYS[1], (string.gsub(ARGV[1], '..', function (x) return string.char(tonumber(x, 16)) end)))`;
      await server.call("EVAL", restored, 1, key, head);
      expect(
        await models.apply(batch(1n, 2n, put("a", { n: 2 }, { indexes: { user: "u" } }), put("b", {}))),
      ).toBe(true);
      expect(await beat(models, 2n)).toBe(true);
      expect(await get(models, "a")).toEqual({ n: 2 });
      expect(await ids(models, { index: ["user", "u"], limit: 9 })).toEqual(["a"]);
    },
  );

  it("are not those of who spells documents in another way", async () => {
    await openFilled();
    const vocabulary = { shapes: [["n"]], words: [] };
    const others = await openRedisReadModels({ url: server.url, logId: "log", generation: "1", vocabulary });
    stack.push({ [Symbol.asyncDispose]: () => others.close() });
    expect(await others.checkpoint()).toMatchObject({ position: 0n, heartbeats: [0] });
  });

  it("are found in the order of their ids in sets of any size, while documents come and go", async () => {
    const models = await openFilled();
    const random = Array.from({ length: 3_000 }, () => randomBytes(16).toString("base64url"));
    const indexed = (id: string, user: string) => put(id, {}, { indexes: { user, client: "c" } });
    const sorted = (some: readonly string[]) => [...some].sort();
    const moved = random.filter((_, n) => n % 3 === 0);
    const puts = [...random.map((id) => indexed(id, "v")), ...moved.map((id) => indexed(id, "w"))];
    for (let at = 0; at < puts.length; at += 500) {
      const from = 1n + BigInt(at);
      await models.apply(batch(from, from + 500n, ...puts.slice(at, at + 500)));
    }
    const left = random.filter((id) => !moved.includes(id));
    expect(await ids(models, { index: ["user", "v"], limit: 9_999 })).toEqual(sorted(left));
    expect(await ids(models, { index: ["user", "w"], limit: 9_999 })).toEqual(sorted(moved));
    const paged: string[] = [];
    for (let page = [""]; page.length > 0; paged.push(...page))
      page = await ids(models, { index: ["client", "c"], after: paged.at(-1) ?? "", limit: 77 });
    expect(paged).toEqual(sorted(random));
  });

  it("take little room", async () => {
    const models = await open();
    const used = async () =>
      Number(/used_memory:(\d+)/.exec(String(await server.call("INFO", "memory")))?.[1]);
    const before = await used();
    const id = () => randomBytes(16).toString("base64url");
    const grant = (grantId: string) => {
      const [clientId, userId] = [`c_${id()}`, `u_${id()}`];
      const document = { grantId, clientId, userId, hash: randomBytes(32).toString("base64url") };
      return put(grantId, document, { indexes: { client: clientId, user: userId }, expiresAt: Date.now() });
    };
    for (let n = 0n; n < 10n; n++)
      await models.apply(batch(n, n + 1n, ...Array.from({ length: 500 }, () => grant(id()))));
    // 225 for the key and the document, 190 for four sets; each would take 110 or more of its own.
    expect(((await used()) - before) / 5_000).toBeLessThan(600);
  });

  it("follow a Sentinel to the replica that takes over", async () => {
    const sentinel = await startRedisSentinel();
    stack.push(sentinel);
    const models = await openFilled(sentinel.url);
    const before = await models.checkpoint();
    await expect.poll(async () => (await sentinel.replica.call("DBSIZE")) as number).toBeGreaterThan(2);
    sentinel.master.pause();
    const after = await recovered(models);
    expect(after).toMatchObject({ position: 1n, heartbeats: before.heartbeats });
    expect(after.incarnation).not.toBe(before.incarnation);
    expect(after.movedAt).toBeGreaterThan(0);
    expect(await get(models, "a")).toEqual({ n: 1 });
    expect(await beat(models, 1n)).toBe(true);
  });
});
