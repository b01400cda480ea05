import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDocuments, ref } from "../../application/documents.ts";
import { createFreshness } from "../../application/freshness.ts";
import { createLog, type Log } from "../../application/log.ts";
import { type EventStore, Unavailable } from "../../application/ports/event-store.ts";
import type { ReadModels } from "../../application/ports/read-models.ts";
import { createProjector, type Projector } from "../../application/projector.ts";
import { createVisibility, type Visibility } from "../../application/visibility.ts";
import type { User } from "../../domain/user/user.ts";
import { systemClock as clock } from "../../infrastructure/clock.ts";
import { openEphemeralEventStore } from "../../infrastructure/event-store/sqlite/index.ts";
import { openSqliteReadModels } from "../../infrastructure/read-models/sqlite/sqlite-read-models.ts";

const metadata = { actor: "system", correlationId: "test" };

const user = (epoch: number): User => ({
  userId: "u_1",
  username: "sealed",
  usernameIndex: "i".repeat(43),
  passwordHash: "$argon2id$hash",
  scopes: ["read"],
  epoch,
  status: "active",
  registeredAt: 0,
});

let store: EventStore;
let readModels: ReadModels;
let log: Log;
let visibility: Visibility;
let failures: unknown[];
let stopping: AbortController;

const projectorOver = (models: ReadModels, from: EventStore = store): Projector =>
  createProjector(from, models, clock, {
    advanced: visibility.advanced,
    failed: (error) => failures.push(error),
  });

async function appendUser(epoch: number): Promise<bigint> {
  const type = epoch === 0 ? "user.registered" : "user.password_changed";
  const data = epoch === 0 ? { user: user(0) } : { user: user(epoch), at: epoch };
  return (await log.append("user-u_1", [{ type, data }], epoch - 1, metadata)).position;
}

beforeEach(async () => {
  store = await openEphemeralEventStore();
  readModels = openSqliteReadModels({ file: ":memory:", logId: store.logId, generation: "g" });
  log = createLog(store, { newEventId: () => crypto.randomUUID() });
  visibility = createVisibility(readModels, clock);
  failures = [];
  stopping = new AbortController();
});
afterEach(async () => {
  stopping.abort();
  await store.close();
  await readModels.close();
});

const epochIn = async (models: ReadModels): Promise<unknown> =>
  (await models.getMany([{ collection: "users", id: "u_1" }]))[0]?.epoch;

describe("the projector", () => {
  it("makes visible what is appended, and says so", async () => {
    void projectorOver(readModels).run(stopping.signal);
    for (let epoch = 0; epoch < 20; epoch += 1) {
      expect(await visibility.wait(await appendUser(epoch), 2_000)).toBe(true);
      expect(await epochIn(readModels)).toBe(epoch);
    }
  });

  it("beside a second one leaves neither holes nor ghosts (I9)", async () => {
    const applied: string[] = [];
    const watched: ReadModels = {
      ...readModels,
      async apply(batch) {
        const won = await readModels.apply(batch);
        if (won) applied.push(`${batch.from}-${batch.to}`);
        return won;
      },
    };
    void projectorOver(watched).run(stopping.signal);
    void projectorOver(watched).run(stopping.signal);
    let position = 0n;
    for (let epoch = 0; epoch < 50; epoch += 1) position = await appendUser(epoch);
    expect(await visibility.wait(position, 2_000)).toBe(true);
    expect(await epochIn(readModels)).toBe(49);
    const ends = applied.map((range) => range.split("-").map(Number));
    expect(ends[0]?.[0]).toBe(0);
    for (const [index, [from]] of ends.entries()) if (index > 0) expect(from).toBe(ends[index - 1]?.[1]);
  });

  it("goes on where it stopped after a failure, and reports it", async () => {
    let isBroken = true;
    const flaky: ReadModels = {
      ...readModels,
      async apply(batch) {
        if (isBroken) throw new Unavailable("broken");
        return readModels.apply(batch);
      },
    };
    void projectorOver(flaky).run(stopping.signal);
    const position = await appendUser(0);
    expect(await visibility.wait(position, 200)).toBe(false);
    isBroken = false;
    expect(await visibility.wait(position, 2_000)).toBe(true);
    expect(failures).not.toEqual([]);
  });

  it("catches up once where nothing else projects", async () => {
    const position = await appendUser(0);
    await projectorOver(readModels).catchUp(position);
    expect(await visibility.wait(position, 0)).toBe(true);
  });
});

describe("documents", () => {
  const documentsWith = (isFresh: boolean) =>
    createDocuments(readModels, log, { isFresh: () => isFresh, watch: async () => undefined });

  it("come from the read models while those are fresh, however far the log has gone on", async () => {
    await projectorOver(readModels).catchUp(await appendUser(0));
    await appendUser(1);
    const [found] = await documentsWith(true).load([ref.user("u_1")]);
    expect(found?.epoch).toBe(0);
  });

  it("come from the log where the read models are stale or lack them; nothing is never an answer", async () => {
    await projectorOver(readModels).catchUp(await appendUser(0));
    await appendUser(1);
    const [stale] = await documentsWith(false).load([ref.user("u_1")]);
    expect(stale?.epoch).toBe(1);
    const empty = openSqliteReadModels({ file: ":memory:", logId: store.logId, generation: "g" });
    const documents = createDocuments(empty, log, { isFresh: () => true, watch: async () => undefined });
    const [missing, unknown] = await documents.load([ref.user("u_1"), ref.user("u_2")]);
    expect(missing?.epoch).toBe(1);
    expect(unknown).toBeUndefined();
  });

  it("are not told where neither can be read (I13)", async () => {
    const gone: Log = { ...log, last: () => Promise.reject(new Unavailable("gone")) };
    const documents = createDocuments(readModels, gone, {
      isFresh: () => false,
      watch: async () => undefined,
    });
    await expect(documents.load([ref.user("u_1")])).rejects.toThrow(Unavailable);
  });
});

describe("freshness", () => {
  it("lasts while a projector keeps up, and ends when it stops", async () => {
    const freshness = createFreshness(readModels, clock, 700);
    void freshness.watch(stopping.signal);
    expect(freshness.isFresh()).toBe(false);
    const projecting = new AbortController();
    const run = projectorOver(readModels).run(projecting.signal);
    await expect.poll(() => freshness.isFresh(), { timeout: 3_000 }).toBe(true);
    projecting.abort();
    await run;
    await expect.poll(() => freshness.isFresh(), { timeout: 3_000 }).toBe(false);
  });

  it("is not granted to a projector that lags behind the log", async () => {
    const freshness = createFreshness(readModels, clock, 700);
    void freshness.watch(stopping.signal);
    const stuck: ReadModels = { ...readModels, apply: () => new Promise(() => undefined) };
    void projectorOver(stuck).run(stopping.signal);
    await appendUser(0);
    await clock.sleep(1_600);
    expect(freshness.isFresh()).toBe(false);
  });
});
