import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { flowClient } from "../../support/code-flow.ts";
import { fieldOf } from "../../support/person.ts";
import { type RedisServer, startRedisServer } from "../../support/redis-server.ts";
import { basic, postForm } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const folder = temporaryFolder();
let redis: RedisServer;
/** Two servers of one deployment. */
let servers: readonly TestServer[];

beforeAll(async () => {
  redis = await startRedisServer();
  const settings = {
    ephemeral: false,
    dataDir: folder.path,
    redisUrl: redis.url,
    issuer: "http://localhost:8000",
    rateLimit: true,
    trustProxy: "127.0.0.1",
  };
  servers = [await startTestServer(settings), await startTestServer(settings)];
  for (const index of [0, 1]) await untilShared(index);
});
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const serverOf = (index: number): TestServer => servers[index % servers.length] as TestServer;
const from = (address: string) => ({ "x-forwarded-for": address });
const openPage = (index: number, address: string) =>
  fetch(`${serverOf(index).address}/auth/logout`, { headers: from(address) });

/** How many of so many requests, to the servers in turn, are let through. */
async function letThrough(count: number, send: (index: number) => Promise<Response>): Promise<number> {
  let passed = 0;
  for (let index = 0; index < count; index += 1) if ((await send(index)).status !== 429) passed += 1;
  return passed;
}

/** Each server alone would let all through. One that was too busy to read an answer counts that one alone. */
function expectAbout(max: number, passed: number): void {
  expect(passed).toBeGreaterThanOrEqual(max);
  expect(passed).toBeLessThanOrEqual(max + 5);
}

const limitKeys = async (): Promise<string[]> => (await redis.call("KEYS", "dacapo:limits:*")) as string[];

/** Until what a server counts is in Redis; it does not ask again at once where that was not there. */
async function untilShared(index = 0): Promise<void> {
  const before = (await limitKeys()).length;
  for (let n = 0; n < 100 && (await limitKeys()).length <= before; n += 1) {
    await openPage(index, `203.0.113.${n}`);
    await sleep(50);
  }
  expect((await limitKeys()).length).toBeGreaterThan(before);
}

describe("limits over Redis", () => {
  it("count pages of all servers together", async () => {
    expectAbout(60, await letThrough(100, (index) => openPage(index, "192.0.2.1")));
    const limited = await openPage(1, "192.0.2.1");
    expect(limited.status).toBe(429);
    expect(limited.headers.get("ratelimit-limit")).toBe("60");
    expect(limited.headers.get("ratelimit-remaining")).toBe("0");
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(30);
  });

  it("count tokens of each client and address together", async () => {
    const { client, secret } = await serverOf(0).client({});
    const web = flowClient({ client, secret, registrationToken: null });
    const request = (index: number) =>
      postForm(
        `${serverOf(index).address}/auth/token`,
        { grant_type: "unknown" },
        {
          ...from("192.0.2.2"),
          ...basic(web.id, web.secret ?? ""),
        },
      );
    expectAbout(120, await letThrough(150, request));
  });

  /** Somebody at this address, who tries this name and password once, at each server in turn. */
  async function attempt(index: number, address: string, username: string, password: string) {
    const { address: server } = serverOf(index);
    const page = await fetch(`${server}/auth/login`, { headers: from(address) });
    const [cookie = ""] = page.headers.getSetCookie()[0]?.split(";") ?? [];
    const csrf = fieldOf(await page.text(), "csrf");
    const headers = { ...from(address), cookie };
    return await postForm(`${server}/auth/login`, { username, password, csrf }, headers);
  }

  it("count failed sign-ins of an account from an address together", async () => {
    // Too long to be anybody's, so that nothing is hashed and the first wait has no time to end.
    const password = "wrong".repeat(300);
    expectAbout(10, await letThrough(19, (index) => attempt(index, "192.0.2.3", "alice", password)));
    expect((await attempt(0, "192.0.2.4", "alice", "password")).status).toBe(303);
  });

  it("count failed authentications of a client together, and never refuse its revocations for them", async () => {
    const { client, secret } = await serverOf(0).client({});
    const send = (index: number, path: string, presented: string) =>
      postForm(
        `${serverOf(index).address}${path}`,
        { token: "x", token_type_hint: "access_token" },
        { ...from("192.0.2.5"), ...basic(client.clientId, presented) },
      );
    expectAbout(61, await letThrough(90, (index) => send(index, "/auth/introspect", "wrong")));
    for (const index of [0, 1]) {
      expect((await send(index, "/auth/introspect", secret ?? "")).status).toBe(429);
      expect((await send(index, "/auth/revoke", secret ?? "")).status).toBe(200);
      expect((await send(index, "/auth/revoke", "wrong")).status).toBe(401);
    }
    const other = flowClient(await serverOf(0).client({}));
    const headers = { ...from("192.0.2.5"), ...basic(other.id, other.secret ?? "") };
    const asked = await postForm(`${serverOf(0).address}/auth/introspect`, { token: "x" }, headers);
    expect(asked.status).toBe(200);
  });

  it("keep neither names nor addresses in Redis, nor anything for longer than its window", async () => {
    const keys = await limitKeys();
    const { logId } = serverOf(0).runtime.store;
    expect(keys.length).toBeGreaterThan(5);
    for (const key of keys) {
      expect(key.slice(0, -43)).toMatch(new RegExp(`^dacapo:limits:${logId}:[a-z -]+:$`));
      expect(key.slice(-43)).toMatch(/^[\w-]{43}$/);
      const seconds = Number(await redis.call("TTL", key));
      expect(seconds).toBeGreaterThan(-1);
      expect(seconds).toBeLessThanOrEqual(3_600);
    }
  });

  it("cost one round trip, and introspection by a resource server none", async () => {
    const { id, secret } = serverOf(0).introspection;
    const headers = { ...from("192.0.2.6"), ...basic(id, secret) };
    const before = (await limitKeys()).length;
    const introspect = () => postForm(`${serverOf(0).address}/auth/introspect`, { token: "x" }, headers);
    for (let n = 0; n < 5; n += 1) expect((await introspect()).headers.get("ratelimit-limit")).toBeNull();
    expect((await limitKeys()).length).toBe(before);
    await openPage(0, "192.0.2.6");
    expect((await limitKeys()).length).toBe(before + 1);
  });
});

describe("limits, while Redis", () => {
  /** Pages are answered at once and are limited, by this process' own count. */
  async function expectLimitedAlone(address: string): Promise<void> {
    for (let count = 0; count < 63; count += 1) {
      const since = performance.now();
      const { status } = await openPage(0, address);
      expect(status).toBe(count < 60 ? 200 : 429);
      // 100 ms for Redis; the rest is for a machine that has other work.
      expect(performance.now() - since).toBeLessThan(1_000);
    }
  }

  it("hangs, are counted by each process", async () => {
    redis.pause();
    await expectLimitedAlone("198.51.100.1");
    redis.resume();
    await untilShared();
  });

  it("refuses, are counted by each process", async () => {
    await redis.call("CONFIG", "SET", "maxmemory", "1");
    await expectLimitedAlone("198.51.100.2");
    await redis.call("CONFIG", "SET", "maxmemory", "0");
    await untilShared();
  });

  it("is gone, are counted by each process, and go on from what it has seen", async () => {
    for (let count = 0; count < 40; count += 1) await openPage(0, "198.51.100.4");
    await redis.stop();
    await expectLimitedAlone("198.51.100.3");
    for (let count = 0; count < 21; count += 1)
      expect((await openPage(0, "198.51.100.4")).status).toBe(count < 20 ? 200 : 429);
    await redis.start();
    await untilShared();
  });
});
