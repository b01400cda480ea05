import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
    await readModels.beat(0n);
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
    await readModels.beat(0n);
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

  it("fills read models that were replaced by empty ones, without any new append", async () => {
    const directory = mkdtempSync(join(tmpdir(), "dacapo-projector-"));
    const file = join(directory, "read-models.db");
    const models = openSqliteReadModels({ file, logId: store.logId, generation: "g" });
    try {
      for (let epoch = 0; epoch < 3; epoch += 1) await appendUser(epoch);
      const end = await store.lastPosition();
      const run = projectorOver(models).run(stopping.signal);
      const hasBeaten = async () => {
        const { position, heartbeat } = await models.checkpoint();
        return position === end && heartbeat > 0;
      };
      await expect.poll(hasBeaten, { timeout: 3_000 }).toBe(true);
      expect(failures).toEqual([]);
      for (const part of ["", "-wal", "-shm"]) rmSync(file + part, { force: true });
      // The projector misses the file at its next beat, while its subscription has nothing more to tell.
      await expect.poll(() => failures, { timeout: 3_000 }).toEqual([expect.any(Unavailable)]);
      expect(await models.checkpoint()).toEqual({ position: 0n, heartbeat: 0 });
      await expect.poll(hasBeaten, { timeout: 5_000 }).toBe(true);
      expect(await epochIn(models)).toBe(2);
      expect(await store.lastPosition()).toBe(end);
      stopping.abort();
      await run;
    } finally {
      stopping.abort();
      await models.close();
      rmSync(directory, { recursive: true });
    }
  });

  it("catches up once where nothing else projects", async () => {
    const position = await appendUser(0);
    await projectorOver(readModels).catchUp(position);
    expect(await visibility.wait(position, 0)).toBe(true);
    expect(await epochIn(readModels)).toBe(0);
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
    await empty.beat(0n);
    expect(await epochIn(empty)).toBeUndefined();
    const documents = createDocuments(empty, log, { isFresh: () => true, watch: async () => undefined });
    const [missing, unknown] = await documents.load([ref.user("u_1"), ref.user("u_2")]);
    expect(missing?.epoch).toBe(1);
    expect(unknown).toBeUndefined();
    await empty.close();
  });

  it("come from the log while the read models are being built, whatever those hold already", async () => {
    await appendUser(0);
    const [event] = await store.readAll(0n, 1);
    const half = openSqliteReadModels({ file: ":memory:", logId: store.logId, generation: "g" });
    const put = { collection: "users", id: "u_1", document: { ...user(0) }, indexes: {}, expiresAt: null };
    await half.apply({ from: 0n, to: event?.position ?? 0n, puts: [put] });
    await appendUser(1);
    const documents = createDocuments(half, log, { isFresh: () => true, watch: async () => undefined });
    expect(await documents.fromReadModels([ref.user("u_1")])).toBeUndefined();
    expect((await documents.load([ref.user("u_1")]))[0]?.epoch).toBe(1);
    await half.close();
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

  describe("by what is seen of the heartbeat", () => {
    /** Answers looks at the checkpoint one by one: a heartbeat, or nothing where it cannot be read. */
    const looking = () => {
      let time = 0;
      let seen: number | undefined;
      let wake: () => void = () => undefined;
      const sleeping = () => new Promise<void>((resolve) => (wake = resolve));
      const models: ReadModels = {
        ...readModels,
        async checkpoint() {
          if (seen === undefined) throw new Unavailable("gone");
          return { position: 0n, heartbeat: seen };
        },
      };
      const freshness = createFreshness(
        models,
        { now: () => time, monotonic: () => time, sleep: sleeping },
        1_000,
      );
      let isWatched = false;
      return async (heartbeat: number | undefined, elapsed = 200): Promise<boolean> => {
        time += elapsed;
        seen = heartbeat;
        if (isWatched) wake();
        else void freshness.watch(stopping.signal);
        isWatched = true;
        await new Promise(setImmediate);
        return freshness.isFresh();
      };
    };

    it("lasts as long as is allowed after the heartbeat grew", async () => {
      const isFreshAfter = looking();
      expect(await isFreshAfter(7)).toBe(false);
      expect(await isFreshAfter(8)).toBe(true);
      expect(await isFreshAfter(8, 1_000)).toBe(true);
      expect(await isFreshAfter(8, 1)).toBe(false);
      expect(await isFreshAfter(9)).toBe(true);
    });

    it.each([
      ["goes down", 3],
      ["goes down to nothing", 0],
      ["cannot be read", undefined],
    ])("is lost at once when it %s, and comes back only after it is seen to grow again", async (_, lost) => {
      const isFreshAfter = looking();
      await isFreshAfter(7);
      expect(await isFreshAfter(8)).toBe(true);
      expect(await isFreshAfter(lost)).toBe(false);
      // However high: what is seen first says nothing of whether a projector lives.
      if (lost === undefined) expect(await isFreshAfter(9)).toBe(false);
      const base = lost ?? 9;
      expect(await isFreshAfter(base)).toBe(false);
      expect(await isFreshAfter(base + 1)).toBe(true);
    });

    it("stays lost while it goes on going down", async () => {
      const isFreshAfter = looking();
      await isFreshAfter(7);
      expect(await isFreshAfter(8)).toBe(true);
      for (const lower of [6, 5, 5, 4]) expect(await isFreshAfter(lower)).toBe(false);
      expect(await isFreshAfter(5)).toBe(true);
    });
  });
});
