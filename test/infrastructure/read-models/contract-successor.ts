import { describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { ReadModels, Successor } from "../../../application/ports/read-models.ts";
import { batch, parking, put } from "./batches.ts";
import { beat, cleanAll, get, ids, type World } from "./contract-place.ts";

const ofUser = (id: string, version: string) => put(id, { version }, { indexes: { user: version } });

/** What every adapter promises of read models that are filled beside those that answer. */
export function successorContract(world: () => World): void {
  describe("successor", () => {
    /** Live read models at position 3 with the documents a, b and c, and a successor beside them, still empty. */
    async function begun(): Promise<World & { next: Successor }> {
      const { place, models, other } = world();
      await models.apply(batch(0n, 3n, ofUser("a", "old"), ofUser("b", "old"), ofUser("c", "old")));
      expect(await beat(models, 3n)).toBe(true);
      return { place, models, other, next: await models.successor() };
    }
    const expectOld = async (from: ReadModels) => {
      expect(await get(from, "a")).toEqual({ version: "old" });
      expect(await ids(from, { limit: 9 })).toEqual(["a", "b", "c"]);
      expect(await ids(from, { index: ["user", "old"], limit: 9 })).toEqual(["a", "b", "c"]);
      expect(await ids(from, { index: ["user", "new"], limit: 9 })).toEqual([]);
    };
    const expectNew = async (from: ReadModels) => {
      expect(await get(from, "a")).toEqual({ version: "new" });
      expect(await get(from, "c")).toBeUndefined();
      expect(await ids(from, { limit: 9 })).toEqual(["a", "n"]);
      expect(await ids(from, { index: ["user", "new"], limit: 9 })).toEqual(["a", "n"]);
      expect(await ids(from, { index: ["user", "old"], limit: 9 })).toEqual([]);
      expect(await from.listUnfinished("grants", { limit: 9 })).toHaveLength(2);
    };
    const fill = (next: Successor, from = 0n, to = 3n) =>
      next.apply(batch(from, to, ofUser("a", "new"), ofUser("n", "new")));

    it("begins empty, and is filled while the others answer and are fed", async () => {
      const { models, other, next } = await begun();
      expect(await next.checkpoint()).toMatchObject({ position: 0n, ahead: null });
      expect(await next.listUnfinished("grants", { limit: 9 })).toEqual([]);
      expect(await fill(next, 0n, 2n)).toBe(true);
      expect((await next.checkpoint()).position).toBe(2n);
      expect(await next.listUnfinished("grants", { index: ["user", "new"], limit: 9 })).toEqual([
        { id: "a", document: { version: "new" } },
        { id: "n", document: { version: "new" } },
      ]);
      for (const from of [models, other]) await expectOld(from);
      expect(await other.apply(batch(3n, 4n, put("a", { fed: true })))).toBe(true);
      expect(await get(models, "a")).toEqual({ fed: true });
      expect((await models.checkpoint()).position).toBe(4n);
      expect((await next.checkpoint()).position).toBe(2n);
      expect(await beat(other, 4n)).toBe(true);
    });

    it("applies a batch only where its own checkpoint is", async () => {
      const { next } = await begun();
      expect(await next.apply(batch(3n, 4n))).toBe(false);
      expect(await next.apply(parking(0n, 5n, ["a"], put("a", {})))).toBe(true);
      expect(await next.apply(batch(0n, 5n, put("a", { late: true })))).toBe(false);
      expect(await next.listUnfinished("grants", { limit: 9 })).toEqual([
        { id: "a", document: { parked: true } },
      ]);
    });

    it("does not take over while it is behind", async () => {
      const { models, other, next } = await begun();
      expect(await next.takeOver()).toBe(false);
      await fill(next, 0n, 2n);
      expect(await next.takeOver()).toBe(false);
      for (const from of [models, other]) await expectOld(from);
      expect((await models.checkpoint()).position).toBe(3n);
      expect((await next.checkpoint()).position).toBe(2n);
    });

    it.each([3n, 8n])("takes over from position 3 at %i, for every process at once", async (position) => {
      const { models, other, next } = await begun();
      await fill(next, 0n, position);
      const before = await other.checkpoint();
      expect(await next.takeOver()).toBe(true);
      for (const from of [models, other]) await expectNew(from);
      for (const from of [models, other]) {
        const after = await from.checkpoint();
        expect(after.position).toBe(position);
        expect(after.heartbeats).toHaveLength(before.heartbeats.length);
        for (const [part, beats] of before.heartbeats.entries())
          expect(after.heartbeats[part]).toBeGreaterThanOrEqual(beats);
        await expectNew(from);
      }
      expect(await beat(other, position)).toBe(true);
      for (const [part, beats] of (await models.checkpoint()).heartbeats.entries())
        expect(beats).toBeGreaterThan(before.heartbeats[part] ?? 0);
      expect(await models.apply(batch(position, 9n, put("m", {})))).toBe(true);
      expect(await ids(other, { limit: 9 })).toEqual(["a", "m", "n"]);
    });

    it("is read by who connects later", async () => {
      const { place, next } = await begun();
      await fill(next);
      await next.takeOver();
      const later = await place.connect();
      expect((await later.checkpoint()).position).toBe(3n);
      await expectNew(later);
      await later.close();
    });

    it("stays unreadable where the others were never whole", async () => {
      const { models, other } = world();
      await models.apply(batch(0n, 1n, ofUser("a", "old")));
      const next = await other.successor();
      await fill(next);
      expect(await next.takeOver()).toBe(true);
      await expect(get(models, "a")).rejects.toThrow(Unavailable);
      expect(await beat(models, 3n)).toBe(true);
      for (const from of [models, other]) await expectNew(from);
    });

    it("turns away the batch of a projector that did not notice, and tells it where it is", async () => {
      const { models, other, next } = await begun();
      await fill(next, 0n, 7n);
      await next.takeOver();
      for (const late of [models, other]) {
        const { incarnation } = await late.checkpoint();
        expect(await late.apply(batch(3n, 4n, put("a", { late: true })))).toBe(false);
        expect(await late.beat(3n, incarnation)).toBe(false);
        expect((await late.checkpoint()).position).toBe(7n);
        await expectNew(late);
      }
      expect(await other.apply(batch(7n, 8n))).toBe(true);
      expect((await models.checkpoint()).position).toBe(8n);
    });

    it("turns away a projector that asks nothing before its next batch", async () => {
      const { other, next } = await begun();
      await fill(next, 0n, 7n);
      await next.takeOver();
      expect(await other.apply(batch(3n, 4n, put("a", { late: true })))).toBe(false);
      expect((await other.checkpoint()).position).toBe(7n);
      await expectNew(other);
    });

    it("is taken up half filled by another process, which goes on", async () => {
      const { models, other, next } = await begun();
      await fill(next, 0n, 2n);
      const taken = await other.successor();
      expect((await taken.checkpoint()).position).toBe(2n);
      expect(await taken.apply(batch(2n, 3n))).toBe(true);
      expect(await next.apply(batch(2n, 3n, put("late", {})))).toBe(false);
      expect((await next.checkpoint()).position).toBe(3n);
      expect(await taken.takeOver()).toBe(true);
      expect(await next.takeOver()).toBe(true);
      for (const from of [models, other]) await expectNew(from);
    });

    it("takes over again without harm", async () => {
      const { models, other, next } = await begun();
      await fill(next);
      expect(await next.takeOver()).toBe(true);
      expect(await next.takeOver()).toBe(true);
      await expectNew(other);
      expect((await models.checkpoint()).position).toBe(3n);
      expect(await models.apply(batch(3n, 4n, put("later", {})))).toBe(true);
      await next.takeOver();
      for (const from of [models, other]) expect(await ids(from, { limit: 9 })).toEqual(["a", "later", "n"]);
    });

    it("is followed by another one, which begins empty; who was replaced does not come back", async () => {
      const { models, other, next } = await begun();
      await fill(next);
      await next.takeOver();
      const third = await other.successor();
      expect((await third.checkpoint()).position).toBe(0n);
      await third.apply(batch(0n, 4n, put("third", {})));
      expect(await third.takeOver()).toBe(true);
      await next.takeOver();
      for (const from of [models, other]) expect(await ids(from, { limit: 9 })).toEqual(["third"]);
    });

    it("is left alone by clean, which removes the documents that it replaced", async () => {
      const { models, other, next } = await begun();
      await fill(next);
      expect(await cleanAll(other, Date.now(), 2)).toBe(0);
      expect(await next.listUnfinished("grants", { limit: 9 })).toHaveLength(2);
      await expectOld(models);
      await next.takeOver();
      expect(await cleanAll(other, Date.now(), 2)).toBe(3);
      for (const from of [models, other]) await expectNew(from);
      expect((await models.checkpoint()).position).toBe(3n);
    });
  });
}
