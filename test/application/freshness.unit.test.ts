import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFreshness } from "../../application/freshness.ts";
import { Unavailable } from "../../application/ports/event-store.ts";
import type { Checkpoint, ReadModels } from "../../application/ports/read-models.ts";
import { systemClock as clock } from "../../infrastructure/clock.ts";
import { openProjection, type Projection } from "../support/projection.ts";

let projection: Projection;
let readModels: ReadModels;
let stopping: AbortController;
let projectorOver: Projection["projector"];
let appendUser: Projection["appendUser"];

beforeEach(async () => {
  projection = await openProjection();
  ({ readModels, stopping } = projection);
  ({ projector: projectorOver, appendUser } = projection);
});
afterEach(() => projection[Symbol.asyncDispose]());

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
    /** Answers looks at the checkpoint one by one: what it says, or nothing where it cannot be read. */
    const watching = () => {
      let time = 1_000_000;
      let seen: Partial<Checkpoint> | undefined;
      let wake: () => void = () => undefined;
      const sleeping = () => new Promise<void>((resolve) => (wake = resolve));
      const models: ReadModels = {
        ...readModels,
        async checkpoint() {
          if (seen === undefined) throw new Unavailable("gone");
          const usual = { position: 0n, ahead: null, incarnation: "a", movedAt: 0, time, heartbeats: [1] };
          return { ...usual, ...seen };
        },
      };
      const freshness = createFreshness(
        models,
        { now: () => time, monotonic: () => time, sleep: sleeping },
        1_000,
      );
      let isWatched = false;
      async function isFreshAfter(told: Partial<Checkpoint> | undefined, elapsed = 200): Promise<boolean> {
        time += elapsed;
        seen = told;
        if (isWatched) wake();
        else void freshness.watch(stopping.signal);
        isWatched = true;
        await new Promise(setImmediate);
        return freshness.isFresh();
      }
      return { freshness, isFreshAfter, now: () => time };
    };
    const looking = () => {
      const { isFreshAfter } = watching();
      return (heartbeat: number | undefined, elapsed?: number) =>
        isFreshAfter(heartbeat === undefined ? undefined : { heartbeats: [heartbeat] }, elapsed);
    };

    it("is lost when another server or connection answers, until the heartbeat is seen to grow there", async () => {
      const { isFreshAfter, freshness } = watching();
      await isFreshAfter({ heartbeats: [7] });
      expect(await isFreshAfter({ heartbeats: [8] })).toBe(true);
      expect(freshness.trust()).toEqual({ incarnation: "a" });
      expect(await isFreshAfter({ heartbeats: [9], incarnation: "b" })).toBe(false);
      expect(freshness.trust()).toBeUndefined();
      expect(await isFreshAfter({ heartbeats: [9], incarnation: "b" })).toBe(false);
      expect(await isFreshAfter({ heartbeats: [10], incarnation: "b" })).toBe(true);
    });

    it("needs the heartbeat of every part", async () => {
      const { isFreshAfter } = watching();
      await isFreshAfter({ heartbeats: [7, 7] });
      expect(await isFreshAfter({ heartbeats: [8, 7] })).toBe(false);
      expect(await isFreshAfter({ heartbeats: [9, 8] })).toBe(true);
      for (const first of [10, 11, 12, 13]) expect(await isFreshAfter({ heartbeats: [first, 8] })).toBe(true);
      expect(await isFreshAfter({ heartbeats: [14, 8] }, 400)).toBe(false);
    });

    it("tells how far the clock is from that of the server, beyond the time that asking took", async () => {
      const { isFreshAfter, freshness, now } = watching();
      await isFreshAfter({});
      expect(freshness.clockSkew()).toBe(0);
      await isFreshAfter({ time: now() + 200 - 30_000 });
      expect(freshness.clockSkew()).toBe(30_000);
      await isFreshAfter({ time: now() + 200 + 3_000 });
      expect(freshness.clockSkew()).toBe(-3_000);
    });

    it("lasts as long as is allowed after the heartbeat grew at the earliest", async () => {
      const isFreshAfter = looking();
      expect(await isFreshAfter(7)).toBe(false);
      expect(await isFreshAfter(8, 200)).toBe(true);
      expect(await isFreshAfter(8, 800)).toBe(true);
      expect(await isFreshAfter(8, 1)).toBe(false);
      expect(await isFreshAfter(9)).toBe(true);
    });

    it("is not granted to a heartbeat that may have grown long ago, while this process hung", async () => {
      const isFreshAfter = looking();
      await isFreshAfter(7);
      expect(await isFreshAfter(8)).toBe(true);
      expect(await isFreshAfter(9, 1_001)).toBe(false);
      expect(await isFreshAfter(10)).toBe(true);
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
