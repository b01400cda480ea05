import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { countDocuments, foldLog, positionAt } from "../../../application/audit/replay/replay.ts";
import type { EventStore, StoredEvent } from "../../../application/ports/event-store.ts";
import type { Checkpoint, Fillable } from "../../../application/ports/read-models.ts";
import { openSqliteReadModels } from "../../../infrastructure/read-models/sqlite/sqlite-read-models.ts";
import { openProjection, type Projection } from "../../support/projection.ts";

let projection: Projection;
beforeEach(async () => {
  projection = await openProjection();
});
afterEach(() => projection[Symbol.asyncDispose]());

const epochOf = async (target: Fillable): Promise<unknown> =>
  (await target.listUnfinished("users", { limit: 1 }))[0]?.document.epoch;

describe("a fold of the log", () => {
  it("holds what was true at a position, and goes on from there", async () => {
    const { store, readModels, appendUser } = projection;
    const positions: bigint[] = [];
    for (let epoch = 0; epoch < 5; epoch += 1) positions.push(await appendUser(epoch));
    const [, , third = 0n, , last = 0n] = positions;
    expect(await foldLog(store, readModels, third)).toEqual({ from: 0n, to: third, events: 3 });
    expect(await epochOf(readModels)).toBe(2);
    expect(await foldLog(store, readModels, last)).toEqual({ from: third, to: last, events: 2 });
    expect(await epochOf(readModels)).toBe(4);
    expect(await countDocuments(readModels, ["users", "grants"])).toEqual(
      new Map([
        ["users", 1],
        ["grants", 0],
      ]),
    );
  });

  it("goes on from where another that fills the same read models has come to", async () => {
    const { store, readModels, appendUser } = projection;
    for (let epoch = 0; epoch < 3; epoch += 1) await appendUser(epoch);
    const end = await store.lastPosition();
    let isFirst = true;
    const raced: Fillable = {
      ...readModels,
      async apply(batch) {
        if (isFirst) {
          isFirst = false;
          await foldLog(store, readModels, 2n);
        }
        return await readModels.apply(batch);
      },
    };
    expect(await foldLog(store, raced, end)).toEqual({ from: 0n, to: end, events: 1 });
    expect(await epochOf(readModels)).toBe(2);
  });

  /** The same read models, of which a part is ahead at position 3 until a batch was applied. */
  function uneven(models: Fillable, applied: (to: bigint) => void): Fillable {
    let isUneven = true;
    return {
      ...models,
      checkpoint: async (): Promise<Checkpoint> => ({
        ...(await models.checkpoint()),
        ahead: isUneven ? 3n : null,
      }),
      async apply(batch) {
        isUneven = false;
        applied(batch.to);
        return await models.apply(batch);
      },
    };
  }

  it("levels read models of which a part is ahead", async () => {
    const { store, readModels, appendUser } = projection;
    for (let epoch = 0; epoch < 5; epoch += 1) await appendUser(epoch);
    const ends: bigint[] = [];
    await foldLog(
      store,
      uneven(readModels, (to) => ends.push(to)),
      5n,
    );
    expect(ends).toEqual([3n, 5n]);
  });

  it("keeps what it has when it is stopped, and is taken up there", async () => {
    const { store, readModels, appendUser } = projection;
    for (let epoch = 0; epoch < 5; epoch += 1) await appendUser(epoch);
    const stopping = new AbortController();
    const target = uneven(readModels, () => stopping.abort());
    await expect(foldLog(store, target, 5n, { signal: stopping.signal })).rejects.toThrow();
    expect(await epochOf(readModels)).toBe(2);
    expect(await foldLog(store, readModels, 5n)).toEqual({ from: 3n, to: 5n, events: 2 });
    expect(await epochOf(readModels)).toBe(4);
  });

  it("comes to the end of a log whose last events were removed", async () => {
    const { store, readModels, log, appendUser } = projection;
    await appendUser(0);
    const data = { reservation: { userId: "u_2", reservedAt: 0 } };
    const metadata = { actor: "system", correlationId: "test" };
    await log.append("username-x", [{ type: "username.reserved", data }], -1, metadata);
    await store.tombstone("username-x", 0);
    const end = await store.lastPosition();
    await foldLog(store, readModels, end);
    expect((await readModels.checkpoint()).position).toBe(end);
  });

  it("parks what it cannot project, as the projector does", async () => {
    const { store, readModels, projector, appendUser } = projection;
    await appendUser(0);
    const metadata = { actor: "system", correlationId: "test" };
    const poison = { id: crypto.randomUUID(), type: "user.frozen", version: 1, data: {}, metadata };
    await store.append("user-u_1", [poison], 0);
    const end = await store.lastPosition();
    await projector().catchUp(end);
    const own = openSqliteReadModels({ file: ":memory:", logId: store.logId, generation: "g" });
    await foldLog(store, own, end);
    for (const collection of ["users", "parked"])
      expect(await own.listUnfinished(collection, { limit: 9 })).toEqual(
        await readModels.listUnfinished(collection, { limit: 9 }),
      );
    await own.close();
  });
});

describe("an instant", () => {
  /** A log whose events have these times, at positions from 1. */
  const logOf = (...times: readonly number[]): EventStore => {
    const events = times.map((time, at) => ({ time, position: BigInt(at + 1) }) as StoredEvent);
    return {
      readAll: async (after: bigint, limit: number) =>
        events.filter(({ position }) => position > after).slice(0, limit),
      lastPosition: async () => BigInt(times.length),
    } as unknown as EventStore;
  };

  it.each([
    ["before everything", [10, 20], 5, 0n],
    ["between two", [10, 20], 15, 1n],
    ["of an event", [10, 20, 30], 20, 2n],
    ["after everything", [10, 20], 99, 2n],
    ["of an empty log", [], 99, 0n],
    ["where the clock stepped back", [10, 30, 20, 40], 25, 1n],
    ["where many happened at once", [10, 20, 20, 20, 30], 20, 4n],
  ])("%s means what had happened before the first later event", async (_, times, instant, position) => {
    expect(await positionAt(logOf(...times), instant)).toBe(position);
  });

  it("is found in a log of several pages", async () => {
    const times = Array.from({ length: 4_500 }, (_, at) => at);
    expect(await positionAt(logOf(...times), 4_200)).toBe(4_201n);
  });
});
