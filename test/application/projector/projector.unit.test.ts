import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EventStore, Unavailable } from "../../../application/ports/event-store.ts";
import type { ReadModels } from "../../../application/ports/read-models.ts";
import type { Visibility } from "../../../application/visibility.ts";
import { openSqliteReadModels } from "../../../infrastructure/read-models/sqlite/sqlite-read-models.ts";
import { epochIn, openProjection, type Projection } from "../../support/projection.ts";

let projection: Projection;
let store: EventStore;
let readModels: ReadModels;
let visibility: Visibility;
let failures: unknown[];
let stopping: AbortController;
let projectorOver: Projection["projector"];
let appendUser: Projection["appendUser"];

beforeEach(async () => {
  projection = await openProjection();
  ({ store, readModels, visibility, failures, stopping } = projection);
  ({ projector: projectorOver, appendUser } = projection);
});
afterEach(() => projection[Symbol.asyncDispose]());

describe("the projector", () => {
  const beat = async () => readModels.beat(0n, (await readModels.checkpoint()).incarnation);

  it("makes visible what is appended, and says so", async () => {
    await beat();
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
    await beat();
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

  it("begins anew where a subscription is silent although the log has grown", async () => {
    await beat();
    let subscriptions = 0;
    const silent: EventStore = Object.assign(Object.create(store), {
      async *subscribe(after: bigint, signal: AbortSignal) {
        subscriptions += 1;
        if (subscriptions > 1) return yield* store.subscribe(after, signal);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
      append: store.append.bind(store),
      read: store.read.bind(store),
      readAll: store.readAll.bind(store),
      lastPosition: store.lastPosition.bind(store),
    });
    void projectorOver(readModels, silent).run(stopping.signal);
    expect(await visibility.wait(await appendUser(0), 6_000)).toBe(true);
    expect(subscriptions).toBe(2);
  });

  it("passes the end of a log that was removed before it was projected, and says that it lives", async () => {
    await appendUser(0);
    await store.tombstone("user-u_1", 0);
    const end = await store.lastPosition();
    expect(await store.readAll(0n, 9)).toEqual([]);
    await projectorOver(readModels).catchUp(end);
    expect(await readModels.checkpoint()).toMatchObject({ position: end, heartbeats: [1] });
  });

  it("says nothing over read models of a log that was set back: its positions come again", async () => {
    const { incarnation } = await readModels.checkpoint();
    await readModels.apply({ from: 0n, to: 5n, puts: [], parks: [], incarnation });
    await appendUser(0);
    const projector = projectorOver(readModels);
    await expect(projector.catchUp(0n)).rejects.toThrow("of another history");
    void projector.run(stopping.signal);
    await expect.poll(() => failures.length, { timeout: 2_000 }).toBeGreaterThan(1);
    expect((await readModels.checkpoint()).heartbeats).toEqual([0]);
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
        const { position, heartbeats } = await models.checkpoint();
        return position === end && (heartbeats[0] ?? 0) > 0;
      };
      await expect.poll(hasBeaten, { timeout: 3_000 }).toBe(true);
      expect(failures).toEqual([]);
      for (const part of ["", "-wal", "-shm"]) rmSync(file + part, { force: true });
      // The projector misses the file at its next beat, while its subscription has nothing more to tell.
      await expect.poll(() => failures, { timeout: 3_000 }).toEqual([expect.any(Unavailable)]);
      expect(await models.checkpoint()).toMatchObject({ position: 0n, heartbeats: [0] });
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
