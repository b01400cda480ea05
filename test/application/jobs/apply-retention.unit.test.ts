import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyRetention } from "../../../application/jobs/apply-retention.ts";
import type { Archive } from "../../../application/ports/archive.ts";
import { type EventStore, type StoredEvent, Unavailable } from "../../../application/ports/event-store.ts";
import type { GrantEvent } from "../../../domain/grant/grant.ts";
import type { Retention } from "../../../domain/retention/retention.ts";
import { active, ended, pending } from "../../support/grant-events.ts";
import {
  type JobContext,
  type JobWorld,
  openJobWorld,
  stoppedAfter,
  undisturbed,
} from "../../support/job-world.ts";
import { user } from "../../support/projection.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const hash = "h".repeat(43);
const now = Date.now();

/** An archive in memory. */
function memoryArchive() {
  const files = new Map<string, readonly StoredEvent[]>();
  const archive: Archive = {
    async write(events) {
      const name = randomBytes(4).toString("hex");
      const stored: StoredEvent[] = [];
      for await (const event of events) stored.push(event);
      files.set(name, stored);
      return { name, sha256: hash };
    },
    discard: async (name) => void files.delete(name),
  };
  return { files, archive };
}

let world: JobWorld;
let kept: ReturnType<typeof memoryArchive>;
beforeEach(async () => {
  world = await openJobWorld({ retentionGrantDays: 10 }, now);
  kept = memoryArchive();
});
afterEach(() => world[Symbol.asyncDispose]());

const waiting = (grantId: string, expiresAt: number): GrantEvent => ({
  type: "grant.authorized",
  data: { grant: { ...pending, grantId, code: { ...pending.code, hash, expiresAt } } },
});
const revokedAccess = (grantId: string, lastsUntil: number): GrantEvent => ({
  type: "grant.access_token.revoked",
  data: { revision: 0, at: 0, grant: { ...active({ refreshToken: null }), grantId, lastsUntil } },
});
const over = (grantId: string, lastsUntil: number): GrantEvent => ({
  type: "grant.revoked",
  data: { grant: { ...ended("operator", 0, lastsUntil), grantId } },
});
const assertion = (expiresAt: number) => ({
  type: "client.assertion.used",
  data: { assertion: { clientId: "c", expiresAt } },
});

/** Grants of every kind, and what stays whatever happens. */
async function fill(to: JobWorld, lastsUntil = now + minute): Promise<void> {
  await to.append("user-ada", { type: "user.registered", data: { user: { ...user(0), userId: "ada" } } });
  await to.append("grant-pending", waiting("pending", lastsUntil));
  await to.append("grant-active", waiting("active", now), revokedAccess("active", lastsUntil));
  await to.append(
    "grant-ended",
    waiting("ended", now),
    revokedAccess("ended", now),
    over("ended", lastsUntil),
  );
  await to.append("grant-living", waiting("living", now), revokedAccess("living", now + 30 * day));
  await to.append("assertion-used", assertion(lastsUntil));
  await to.append("assertion-valid", assertion(now + 30 * day));
  await to.append("username-x", {
    type: "username.reserved",
    data: { reservation: { userId: "ada", reservedAt: 0 } },
  });
}

const apply = (context: JobContext = world.context, run = undisturbed(), archive = kept.archive) =>
  applyRetention({ ...context, archive }, run);

const removable = ["assertion-used", "grant-active", "grant-ended", "grant-pending"];

async function standing(of = world): Promise<readonly string[]> {
  const known = [...removable, "grant-living", "assertion-valid", "user-ada", "username-x"];
  const found = await Promise.all(
    known.map(async (name) => ((await of.events(name)).length > 0 ? [name] : [])),
  );
  return found.flat().sort();
}

const applied = async (of = world) => (await of.events("retention")).map(({ data }) => data as Retention);

describe("retention", () => {
  it("removes grants and used assertions that were dead for long enough, and nothing else", async () => {
    await fill(world);
    world.pass(10 * day + minute);
    await apply();
    expect(await applied()).toEqual([]);
    world.pass(1);
    await apply();
    expect(await standing()).toEqual(["assertion-valid", "grant-living", "user-ada", "username-x"]);
    const [retention] = await applied();
    expect(retention?.streams).toEqual([
      { stream: "grant-pending", revision: 0, events: 1 },
      { stream: "grant-active", revision: 1, events: 2 },
      { stream: "grant-ended", revision: 2, events: 3 },
      { stream: "assertion-used", revision: 0, events: 1 },
    ]);
    await apply();
    expect(await applied()).toHaveLength(1);
  });

  it("removes idempotency keys that hold no more for long enough, repeats and all", async () => {
    const use = { fingerprint: hash, nonce: hash, keyVersion: 1, usedAt: now };
    await world.append(
      "idempotency-x",
      { type: "idempotency_key.used", data: { use } },
      { type: "idempotency_key.repeated", data: { use, at: now } },
    );
    world.pass(11 * day);
    await apply();
    expect(await applied()).toEqual([]);
    world.pass(1);
    await apply();
    expect((await applied())[0]?.streams).toEqual([{ stream: "idempotency-x", revision: 1, events: 2 }]);
  });

  it("archives every event exactly as it was stored", async () => {
    await fill(world);
    const before = await world.events();
    world.pass(11 * day);
    await apply();
    const [retention] = await applied();
    expect([...kept.files.keys()]).toEqual([retention?.archive.name]);
    expect(kept.files.get(retention?.archive.name ?? "")).toEqual(
      before.filter(({ stream }) => removable.includes(stream)),
    );
  });

  it("is off where grants are to be kept for ever", async () => {
    await using forever = await openJobWorld({ retentionGrantDays: 0 });
    await fill(forever);
    forever.pass(10_000 * day);
    await apply(forever.context);
    expect(await standing(forever)).toHaveLength(8);
  });

  it("removes nothing where the archive cannot be written", async () => {
    await fill(world);
    world.pass(11 * day);
    const archive: Archive = { ...kept.archive, write: () => Promise.reject(new Unavailable("full")) };
    await expect(apply(world.context, undisturbed(), archive)).rejects.toThrow("full");
    expect(await standing()).toHaveLength(8);
    expect(await applied()).toEqual([]);
  });

  it("begins with what the last run left undone", async () => {
    await fill(world);
    world.pass(11 * day);
    const down = world.over((store) => ({
      ...methodsOf(store),
      softDelete: () => Promise.reject(new Unavailable("down")),
    }));
    await expect(apply(down)).rejects.toThrow("down");
    expect(await standing()).toHaveLength(8);
    await apply();
    expect(await standing()).toHaveLength(4);
    expect(await applied()).toHaveLength(1);
  });

  it("lets a stream stay that went on after it was archived", async () => {
    await fill(world);
    world.pass(11 * day);
    const racing = world.over((store) => ({
      ...methodsOf(store),
      async softDelete(stream, revision) {
        if (stream === "grant-active") await world.append(stream, over("active", now + 30 * day));
        await store.softDelete(stream, revision);
      },
    }));
    await apply(racing);
    expect(await standing()).toContain("grant-active");
    expect(await world.events("grant-active")).toHaveLength(3);
  });

  it("stops where another process was first, and leaves no archive that nothing names", async () => {
    await fill(world);
    world.pass(11 * day);
    await Promise.all([apply(), apply(), apply()]);
    expect(await standing()).toHaveLength(4);
    const named = (await applied()).map(({ archive }) => archive.name);
    expect([...kept.files.keys()]).toEqual(named);
    expect(named).toHaveLength(1);
  });

  it("goes in batches that fit into one event", async () => {
    for (let index = 0; index < 1_100; index += 1)
      await world.append(`grant-${index}`, waiting(String(index), now));
    world.pass(11 * day);
    const told: number[] = [];
    await apply(world.context, { ...undisturbed(), progress: async (done) => void told.push(done) });
    expect(told).toEqual([500, 1_000, 1_100]);
    expect((await applied()).map(({ streams }) => streams.length)).toEqual([500, 500, 100]);
    const largest = Math.max(...(await applied()).map((data) => JSON.stringify(data).length));
    expect(largest).toBeLessThan(100_000);
    expect(await world.events("grant-1099")).toEqual([]);
  });

  it("leaves out a stream that cannot be read", async () => {
    await fill(world);
    const metadata = { actor: "a", correlationId: "c" };
    await world.store.append(
      "grant-active",
      [{ id: crypto.randomUUID(), type: "grant.revoked", version: 99, data: {}, metadata }],
      1,
    );
    world.pass(11 * day);
    await apply();
    expect(await standing()).toContain("grant-active");
    expect(await standing()).toHaveLength(5);
  });

  it("stopped or failing anywhere and run again ends as one run does; nothing leaves that is not archived", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(60), { maxLength: 4 }), fc.boolean(), async (steps, isFailure) => {
        await using interrupted = await openJobWorld({ retentionGrantDays: 10 });
        await fill(interrupted);
        const before = await interrupted.events();
        interrupted.pass(11 * day);
        const { files, archive } = memoryArchive();
        for (const step of steps) {
          const stopping = new AbortController();
          const context = interrupted.over((store) => stoppedAt(store, step, stopping, isFailure));
          const run = { ...stoppedAfter(1_000), signal: stopping.signal };
          await applyRetention({ ...context, archive }, run).catch((error) =>
            expect(error.message).toBe("killed"),
          );
        }
        await applyRetention({ ...interrupted.context, archive }, undisturbed());
        expect(await standing(interrupted)).toEqual([
          "assertion-valid",
          "grant-living",
          "user-ada",
          "username-x",
        ]);
        const named = (await applied(interrupted)).flatMap(
          (retention) => files.get(retention.archive.name) ?? [],
        );
        const left = before.filter(({ stream }) => removable.includes(stream));
        expect(named.map(({ id }) => id).sort()).toEqual(left.map(({ id }) => id).sort());
      }),
      { numRuns: 40 },
    );
  });
});

/** A store as a plain object, so that some of its methods can be others. */
const methodsOf = (store: EventStore): EventStore => ({
  logId: store.logId,
  append: (...args) => store.append(...args),
  read: (...args) => store.read(...args),
  readAll: (...args) => store.readAll(...args),
  lastPosition: () => store.lastPosition(),
  subscribe: (...args) => store.subscribe(...args),
  softDelete: (...args) => store.softDelete(...args),
  tombstone: (...args) => store.tombstone(...args),
  isErased: (...args) => store.isErased(...args),
  close: () => store.close(),
});

/** Stops the run at its nth call of the store, or fails that and all later ones, as if the process were killed. */
function stoppedAt(
  store: EventStore,
  step: number,
  stopping: AbortController,
  isFailure: boolean,
): EventStore {
  let calls = 0;
  const counted =
    <Args extends readonly unknown[], T>(method: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      calls += 1;
      if (calls > step && isFailure) throw new Error("killed");
      if (calls > step) stopping.abort();
      return await method(...args);
    };
  const plain = methodsOf(store);
  return {
    ...plain,
    append: counted(plain.append),
    read: counted(plain.read),
    readAll: counted(plain.readAll),
    softDelete: counted(plain.softDelete),
  };
}
