import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import {
  isParked,
  type Put,
  parkedDocument,
  type ReadModels,
} from "../../../application/ports/read-models.ts";
import { batch, parking, put } from "./batches.ts";
import * as ask from "./contract-place.ts";
import { successorContract } from "./contract-successor.ts";

/** What every adapter of the port `ReadModels` promises. */
export function readModelsContract(name: string, open: () => Promise<ask.Place>): void {
  describe(`read models: ${name}`, () => {
    let place: ask.Place;
    let models: ReadModels;
    let other: ReadModels;

    beforeEach(async () => {
      place = await open();
      models = await ask.connect(place);
      other = await ask.connect(place);
    });
    afterEach(async () => {
      await Promise.all([models.close(), other.close()]);
      await place.remove();
    });

    const beat = (at: bigint, from = models) => ask.beat(from, at);
    /** Makes the empty read models readable. */
    const beatOnce = async () => expect(await beat(0n)).toBe(true);
    const get = (id: string, from = models) => ask.get(from, id);
    const ids = (query: Parameters<ReadModels["list"]>[1], collection?: string) =>
      ask.ids(models, query, collection);

    describe("checkpoint", () => {
      it("begins at 0, names who answers and tells the time", async () => {
        const { position, ahead, heartbeats, incarnation, movedAt, time } = await models.checkpoint();
        expect({ position, ahead, movedAt }).toEqual({ position: 0n, ahead: null, movedAt: 0 });
        expect(heartbeats.length).toBeGreaterThan(0);
        expect(incarnation).not.toBe("");
        expect(Math.abs(time - Date.now())).toBeLessThan(1_000);
      });

      it("keeps the name of who answers while nothing happens to it", async () => {
        const { incarnation } = await models.checkpoint();
        await models.apply(batch(0n, 1n));
        await other.checkpoint();
        expect(await models.checkpoint()).toMatchObject({ incarnation, ahead: null });
      });
    });

    describe("before the first beat", () => {
      const expectUnreadable = async (from: ReadModels) => {
        await expect(get("a", from)).rejects.toThrow(Unavailable);
        await expect(from.getMany([])).rejects.toThrow(Unavailable);
        await expect(from.list("grants", { limit: 9 })).rejects.toThrow(Unavailable);
        await expect(from.list("grants", { index: ["user", "u"], limit: 9 })).rejects.toThrow(Unavailable);
      };
      const fill = async () =>
        expect(await models.apply(batch(0n, 1n, put("a", { n: 1 }, { indexes: { user: "u" } })))).toBe(true);
      const expectReadable = async (from: ReadModels) => {
        expect(await get("a", from)).toEqual({ n: 1 });
        expect(await from.list("grants", { index: ["user", "u"], limit: 9 })).toHaveLength(1);
      };

      /** An engine may need a call to notice that the database is another. */
      const checkpointOfAnew = (from: ReadModels) => from.checkpoint().catch(() => from.checkpoint());

      it("reading throws Unavailable, in every process, and no longer after it", async () => {
        for (const from of [models, other]) await expectUnreadable(from);
        await fill();
        for (const from of [models, other]) await expectUnreadable(from);
        expect(await beat(0n)).toBe(false);
        for (const from of [models, other]) await expectUnreadable(from);
        expect(await beat(1n)).toBe(true);
        for (const from of [models, other]) await expectReadable(from);
        expect(await models.apply(batch(1n, 2n))).toBe(true);
        for (const from of [models, other]) await expectReadable(from);
      });

      it("reading throws Unavailable again after the database was made anew", async () => {
        await fill();
        await beat(1n);
        await place.lose();
        for (const from of [models, other]) await expectUnreadable(from);
        for (const from of [models, other]) {
          expect(await checkpointOfAnew(from)).toMatchObject({ position: 0n, ahead: null });
          await expectUnreadable(from);
        }
        await fill();
        for (const from of [models, other]) await expectUnreadable(from);
        expect(await beat(1n)).toBe(true);
        for (const from of [models, other]) await expectReadable(from);
      });
    });

    describe("apply", () => {
      beforeEach(beatOnce);

      it("begins at position 0 and moves the checkpoint with the documents", async () => {
        expect((await models.checkpoint()).position).toBe(0n);
        expect(await models.apply(batch(0n, 7n, put("a", { status: "active" })))).toBe(true);
        expect((await other.checkpoint()).position).toBe(7n);
        expect(await get("a", other)).toEqual({ status: "active" });
      });

      it("keeps positions that no double can hold", async () => {
        const far = 2n ** 53n + 1n;
        expect(await models.apply(batch(0n, far))).toBe(true);
        expect((await models.checkpoint()).position).toBe(far);
        expect(await models.apply(batch(far - 1n, far + 1n))).toBe(false);
        expect(await beat(far)).toBe(true);
      });

      it("replaces whole documents; the last of a batch stands", async () => {
        await models.apply(batch(0n, 1n, put("a", { one: 1, old: true })));
        await models.apply(batch(1n, 3n, put("a", { two: 2 }), put("a", { three: 3 })));
        expect(await get("a")).toEqual({ three: 3 });
      });

      it("keeps documents as they are, whatever their text", async () => {
        const document = { text: "ünïcode 🎵 ' \" \\ \u0000", nested: { list: [1, null, true] }, n: 2 ** 53 };
        await models.apply(batch(0n, 1n, put("id ' 🎵:{x}", document)));
        expect(await get("id ' 🎵:{x}")).toEqual(document);
      });

      it("does nothing where the checkpoint is another", async () => {
        await models.apply(batch(0n, 5n, put("a", { by: "first" })));
        for (const from of [0n, 4n, 6n])
          expect(await other.apply(batch(from, 9n, put("a", { by: "second" })))).toBe(false);
        expect(await get("a", other)).toEqual({ by: "first" });
        expect((await other.checkpoint()).position).toBe(5n);
      });

      it("lets one of two projectors win each batch", async () => {
        for (let position = 0n; position < 50n; position++) {
          const racers = position % 2n === 0n ? [models, other] : [other, models];
          const won = await Promise.all(
            racers.map((racer, by) => racer.apply(batch(position, position + 1n, put("a", { by })))),
          );
          const winners = [0, 1].filter((by) => won[by]);
          expect(winners.length).toBeGreaterThan(0);
          if (place.isOneState !== false) expect(winners).toHaveLength(1);
          expect(winners.map((by) => ({ by }))).toContainEqual(await get("a"));
        }
        expect(await models.checkpoint()).toMatchObject({ position: 50n, ahead: null });
      });

      it("leaves nothing of a batch that fails", async () => {
        await models.apply(batch(0n, 1n, put("a", { n: 1 }, { indexes: { user: "u" } })));
        const circular: Record<string, unknown> = {};
        circular.self = circular;
        const failing = batch(1n, 2n, put("a", { n: 2 }, { indexes: { user: "v" } }), put("b", circular));
        await expect(models.apply(failing)).rejects.toThrow(TypeError);
        expect((await models.checkpoint()).position).toBe(1n);
        expect(await get("a")).toEqual({ n: 1 });
        expect(await ids({ index: ["user", "u"], limit: 9 })).toEqual(["a"]);
        expect(await other.apply(batch(1n, 2n))).toBe(true);
      });
    });

    describe("parks", () => {
      beforeEach(beatOnce);
      const byUser = (user: string) => models.list("grants", { index: ["user", user], limit: 9 });

      it("put the parked document in the place of another, which stays where its indexes say", async () => {
        await models.apply(batch(0n, 1n, put("a", { n: 1 }, { indexes: { user: "u" } }), put("b", {})));
        expect(await models.apply(parking(1n, 2n, ["a"]))).toBe(true);
        expect(await get("a", other)).toEqual(parkedDocument);
        expect(isParked((await get("a")) ?? {})).toBe(true);
        expect(await byUser("u")).toEqual([{ id: "a", document: parkedDocument }]);
        expect(await get("b")).toEqual({});
        expect((await models.checkpoint()).position).toBe(2n);
      });

      it("come after the puts of their batch", async () => {
        await models.apply(batch(0n, 1n, put("a", { n: 1 }, { indexes: { user: "u" } })));
        await models.apply(parking(1n, 2n, ["a"], put("a", { n: 2 }, { indexes: { user: "v" } })));
        expect(await get("a")).toEqual(parkedDocument);
        expect(await byUser("u")).toEqual([]);
        expect(await byUser("v")).toEqual([{ id: "a", document: parkedDocument }]);
      });

      it("make the document where there is none", async () => {
        await models.apply(parking(0n, 1n, ["a", "b", "a"]));
        expect(await get("a")).toEqual(parkedDocument);
        expect(await ids({ limit: 9 })).toEqual(["a", "b"]);
      });

      it("keep the document for ever", async () => {
        const expiresAt = Date.now() + 600_000;
        await models.apply(batch(0n, 1n, put("a", {}, { expiresAt }), put("b", {}, { expiresAt })));
        await models.apply(parking(1n, 2n, ["a"]));
        expect(await ask.cleanAll(models, expiresAt + 1, 9)).toBe(1);
        expect(await ids({ limit: 9 })).toEqual(["a"]);
      });

      it("end where the document is put again", async () => {
        await models.apply(parking(0n, 1n, ["a"], put("a", {}, { indexes: { user: "u" } })));
        await models.apply(batch(1n, 2n, put("a", { n: 2 }, { indexes: { user: "v" } })));
        expect(await get("a")).toEqual({ n: 2 });
        expect(await byUser("u")).toEqual([]);
        expect(await byUser("v")).toHaveLength(1);
      });

      it("are not made where the checkpoint is another", async () => {
        await models.apply(batch(0n, 5n, put("a", { n: 1 })));
        expect(await other.apply(parking(4n, 6n, ["a"]))).toBe(false);
        expect(await get("a")).toEqual({ n: 1 });
      });
    });

    describe("beat", () => {
      it("makes every heartbeat grow, for every process to see", async () => {
        const before = await other.checkpoint();
        expect(await beat(0n)).toBe(true);
        const after = await other.checkpoint();
        expect(after.heartbeats).toHaveLength(before.heartbeats.length);
        for (const [part, beats] of before.heartbeats.entries())
          expect(after.heartbeats[part]).toBeGreaterThan(beats);
        expect(after.position).toBe(0n);
      });

      it("is refused to a projector that lags behind", async () => {
        await models.apply(batch(0n, 3n));
        const { heartbeats } = await models.checkpoint();
        expect(await beat(0n, other)).toBe(false);
        expect(await models.checkpoint()).toMatchObject({ position: 3n, heartbeats });
      });

      it("is refused for another incarnation", async () => {
        const { heartbeats, incarnation } = await models.checkpoint();
        expect(await models.beat(0n, `${incarnation}-another`)).toBe(false);
        expect((await models.checkpoint()).heartbeats).toEqual(heartbeats);
        await expect(get("a")).rejects.toThrow(Unavailable);
        expect(await models.beat(0n, incarnation)).toBe(true);
      });
    });

    describe("getMany", () => {
      beforeEach(beatOnce);

      it("answers only who believes what answers now, and so does list", async () => {
        const { incarnation } = await models.checkpoint();
        await models.apply(batch(0n, 1n, put("a", { n: 1 })));
        const key = { collection: "grants", id: "a" };
        expect(await models.getMany([key], incarnation)).toEqual([{ n: 1 }]);
        expect(await models.list("grants", { limit: 9 }, incarnation)).toHaveLength(1);
        await expect(models.getMany([key], `${incarnation}?`)).rejects.toThrow(Unavailable);
        await expect(models.list("grants", { limit: 9 }, `${incarnation}?`)).rejects.toThrow(Unavailable);
      });

      it("answers in the order of the keys, with undefined for what is missing", async () => {
        const session: Put = { ...put("a", { kind: "session" }), collection: "sessions" };
        await models.apply(batch(0n, 1n, put("a", { kind: "grant" }), put("b", { kind: "b" }), session));
        const keys = [
          ["grants", "b"],
          ["grants", "missing"],
          ["sessions", "a"],
          ["grants", "a"],
          ["grants", "b"],
          ["nowhere", "a"],
        ] as const;
        expect(await models.getMany(keys.map(([collection, id]) => ({ collection, id })))).toEqual([
          { kind: "b" },
          undefined,
          { kind: "session" },
          { kind: "grant" },
          { kind: "b" },
          undefined,
        ]);
        expect(await models.getMany([])).toEqual([]);
      });

      it("shows at once what was written since it read last, whoever wrote it and however", async () => {
        const both = async () => [await get("a"), await ids({ index: ["user", "u"], limit: 9 })];
        const inU = { indexes: { user: "u" } };
        expect(await both()).toEqual([undefined, []]);
        for (const [n, writer] of [models, other, models, other].entries()) {
          const from = BigInt(3 * n);
          await writer.apply(batch(from, from + 1n, put("a", { n }, inU)));
          expect(await both()).toEqual([{ n }, ["a"]]);
          await writer.apply(batch(from + 1n, from + 2n, put("b", {}, inU)));
          expect(await both()).toEqual([{ n }, ["a", "b"]]);
          await writer.apply(batch(from + 2n, from + 3n, put("a", { n, moved: true }), put("b", {})));
          expect(await both()).toEqual([{ n, moved: true }, []]);
        }
        await other.apply(batch(12n, 13n, put("a", { n: 9 }, { ...inU, expiresAt: 5 })));
        expect(await both()).toEqual([{ n: 9 }, ["a"]]);
        for (const cleaner of [models, other]) await cleaner.clean(Date.now(), 9);
        expect(await both()).toEqual([undefined, []]);
      });

      it("never mixes two states", async ({ skip }) => {
        skip(place.isOneState === false);
        const keys = ["a", "b", "c"].map((id) => ({ collection: "grants", id }));
        const write = async () => {
          for (let n = 0; n < 100; n++)
            await other.apply(batch(BigInt(n), BigInt(n + 1), ...keys.map(({ id }) => put(id, { n }))));
        };
        const writing = write();
        for (let i = 0; i < 100; i++) {
          const [a, b, c] = await models.getMany(keys);
          expect([b, c]).toEqual([a, a]);
        }
        await writing;
      });
    });

    describe("list", () => {
      beforeEach(beatOnce);

      it("pages through a collection in the order of ids", async () => {
        const names = ["b", "a", "a1", "B", "_", "-", "9", "é"];
        await models.apply(batch(0n, 1n, ...names.map((id) => put(id, { id }))));
        const sorted = [...names].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
        const paged: string[] = [];
        for (let page = await ids({ limit: 3 }); page.length > 0; ) {
          paged.push(...page);
          page = await ids({ limit: 3, after: page.at(-1) ?? "" });
        }
        expect(paged).toEqual(sorted);
        expect(await models.list("grants", { limit: 1 })).toEqual([{ id: "-", document: { id: "-" } }]);
        expect(await ids({ limit: 9 }, "sessions")).toEqual([]);
      });

      it("finds documents by an index, in pages too", async () => {
        const ofUser = (id: string, user: string) => put(id, { id }, { indexes: { user, client: "c" } });
        await models.apply(batch(0n, 1n, ofUser("3", "u"), ofUser("1", "u"), ofUser("2", "v"), put("4", {})));
        expect(await ids({ index: ["user", "u"], limit: 9 })).toEqual(["1", "3"]);
        expect(await ids({ index: ["user", "u"], limit: 1, after: "1" })).toEqual(["3"]);
        expect(await ids({ index: ["client", "c"], limit: 2 })).toEqual(["1", "2"]);
        expect(await ids({ index: ["user", "w"], limit: 9 })).toEqual([]);
        expect(await ids({ index: ["user", "u"], limit: 9 }, "sessions")).toEqual([]);
      });

      it("forgets all earlier index values of a document that is put again", async () => {
        await models.apply(batch(0n, 1n, put("a", { n: 1 }, { indexes: { user: "u", client: "c" } })));
        await models.apply(batch(1n, 2n, put("a", { n: 2 }, { indexes: { user: "v" } })));
        expect(await ids({ index: ["user", "u"], limit: 9 })).toEqual([]);
        expect(await ids({ index: ["client", "c"], limit: 9 })).toEqual([]);
        expect(await models.list("grants", { index: ["user", "v"], limit: 9 })).toEqual([
          { id: "a", document: { n: 2 } },
        ]);
      });
    });

    describe("listUnfinished", () => {
      it("answers before the first beat too", async () => {
        const ofUser = (id: string) => put(id, { id }, { indexes: { user: "u" } });
        await models.apply(batch(0n, 1n, ofUser("c"), ofUser("a"), put("b", { id: "b" })));
        for (const from of [models, other]) {
          expect(await from.listUnfinished("grants", { limit: 2 })).toEqual([
            { id: "a", document: { id: "a" } },
            { id: "b", document: { id: "b" } },
          ]);
          const query = { index: ["user", "u"], after: "a", limit: 9 } as const;
          expect(await from.listUnfinished("grants", query)).toEqual([{ id: "c", document: { id: "c" } }]);
          await expect(from.list("grants", query)).rejects.toThrow(Unavailable);
        }
        await beat(1n);
        expect(await models.listUnfinished("grants", { limit: 9 })).toEqual(
          await models.list("grants", { limit: 9 }),
        );
      });
    });

    describe("clean", () => {
      beforeEach(beatOnce);
      // Ahead of the real clock, since an engine may let go of what expired by itself.
      const later = Date.now() + 3_600_000;

      it("removes what expired before a time, a bounded number at once, with its index entries", async () => {
        const until = (id: string, expiresAt: number | null) =>
          put(id, { id }, { expiresAt, indexes: { user: "u" } });
        const expiring = [until("a", later - 3), until("b", later - 2), until("c", later - 1)];
        await models.apply(batch(0n, 1n, ...expiring, until("d", later), until("e", null)));
        expect(await models.clean(later - 9, 2)).toBe(0);
        expect(await ids({ limit: 9 })).toHaveLength(5);
        expect(await models.clean(later, 1)).toBe(1);
        expect(await ids({ limit: 9 })).toHaveLength(4);
        expect(await ask.cleanAll(models, later, 2)).toBe(2);
        expect(await ids({ index: ["user", "u"], limit: 9 })).toEqual(["d", "e"]);
        expect(await get("a", other)).toBeUndefined();
        expect((await models.checkpoint()).position).toBe(1n);
      });

      it("leaves a document whose expiry was put off", async () => {
        const early = { expiresAt: later - 20 };
        await models.apply(batch(0n, 1n, put("a", {}, early), put("b", {}, early)));
        await models.apply(batch(1n, 2n, put("a", {}, { expiresAt: later }), put("b", {})));
        expect(await models.clean(later - 10, 9)).toBe(0);
        expect(await ids({ limit: 9 })).toEqual(["a", "b"]);
      });
    });

    successorContract(() => ({ place, models, other }));

    it("keep everything for the next process", async () => {
      await beatOnce();
      await models.apply(batch(0n, 4n, put("a", { kept: true }, { indexes: { user: "u" } })));
      const next = await ask.connect(place);
      expect((await next.checkpoint()).position).toBe(4n);
      expect(await next.list("grants", { index: ["user", "u"], limit: 9 })).toHaveLength(1);
      await next.close();
    });
  });
}
