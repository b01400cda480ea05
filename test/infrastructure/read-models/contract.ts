import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Put, ReadModels } from "../../../application/ports/read-models.ts";
import { batch, put } from "./batches.ts";

/** A place for read models, empty at first, to which several processes may connect. */
export interface Place {
  connect(): Promise<ReadModels>;
  /** Loses everything, behind the back of who is connected. */
  lose(): Promise<void>;
  remove(): Promise<void>;
}

/** What every adapter of the port `ReadModels` promises. */
export function readModelsContract(name: string, open: () => Promise<Place>): void {
  describe(`read models: ${name}`, () => {
    let place: Place;
    let models: ReadModels;
    let other: ReadModels;

    beforeEach(async () => {
      place = await open();
      models = await place.connect();
      other = await place.connect();
    });
    afterEach(async () => {
      await Promise.all([models.close(), other.close()]);
      await place.remove();
    });

    /** Makes the empty read models readable. */
    const beatOnce = async () => expect(await models.beat(0n)).toBe(true);
    const get = async (id: string, from = models) => (await from.getMany([{ collection: "grants", id }]))[0];
    const ids = async (query: Parameters<ReadModels["list"]>[1], collection = "grants") =>
      (await models.list(collection, query)).map(({ id }) => id);

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

      it("reading throws Unavailable, in every process, and no longer after it", async () => {
        for (const from of [models, other]) await expectUnreadable(from);
        await fill();
        for (const from of [models, other]) await expectUnreadable(from);
        expect(await models.beat(0n)).toBe(false);
        for (const from of [models, other]) await expectUnreadable(from);
        expect(await models.beat(1n)).toBe(true);
        for (const from of [models, other]) await expectReadable(from);
        expect(await models.apply(batch(1n, 2n))).toBe(true);
        for (const from of [models, other]) await expectReadable(from);
      });

      it("reading throws Unavailable again after the database was made anew", async () => {
        await fill();
        await models.beat(1n);
        await place.lose();
        for (const from of [models, other]) await expect(from.checkpoint()).rejects.toThrow(Unavailable);
        for (const from of [models, other]) {
          expect(await from.checkpoint()).toEqual({ position: 0n, heartbeat: 0 });
          await expectUnreadable(from);
        }
        await fill();
        for (const from of [models, other]) await expectUnreadable(from);
        expect(await models.beat(1n)).toBe(true);
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
        expect(await models.beat(far)).toBe(true);
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

      it("lets exactly one of two projectors win each batch", async () => {
        for (let position = 0n; position < 50n; position++) {
          const racers = position % 2n === 0n ? [models, other] : [other, models];
          const won = await Promise.all(
            racers.map((racer, by) => racer.apply(batch(position, position + 1n, put("a", { by })))),
          );
          expect(won.filter((it) => it)).toHaveLength(1);
          expect(await get("a")).toEqual({ by: won.indexOf(true) });
        }
        expect((await models.checkpoint()).position).toBe(50n);
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

    describe("beat", () => {
      it("makes the heartbeat grow, for every process to see", async () => {
        const before = await other.checkpoint();
        expect(await models.beat(0n)).toBe(true);
        const after = await other.checkpoint();
        expect(after.heartbeat).toBeGreaterThan(before.heartbeat);
        expect(after.position).toBe(0n);
      });

      it("is refused to a projector that lags behind", async () => {
        await models.apply(batch(0n, 3n));
        const before = await models.checkpoint();
        expect(await other.beat(0n)).toBe(false);
        expect(await models.checkpoint()).toEqual(before);
      });
    });

    describe("getMany", () => {
      beforeEach(beatOnce);

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

      it("never mixes two states", async () => {
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

    describe("removeExpired", () => {
      beforeEach(beatOnce);

      it("removes what expired before a time, a bounded number at once, with its index entries", async () => {
        const until = (id: string, expiresAt: number | null) =>
          put(id, { id }, { expiresAt, indexes: { user: "u" } });
        const now = 1_764_000_000_000;
        await models.apply(
          batch(
            0n,
            1n,
            until("a", now - 3),
            until("b", now - 2),
            until("c", now - 1),
            until("d", now),
            until("e", null),
          ),
        );
        expect(await models.removeExpired(now, 2)).toBe(2);
        expect(await ids({ limit: 9 })).toHaveLength(3);
        expect(await models.removeExpired(now, 2)).toBe(1);
        expect(await models.removeExpired(now, 2)).toBe(0);
        expect(await ids({ index: ["user", "u"], limit: 9 })).toEqual(["d", "e"]);
        expect((await models.checkpoint()).position).toBe(1n);
      });

      it("leaves a document whose expiry was put off", async () => {
        await models.apply(batch(0n, 1n, put("a", {}, { expiresAt: 10 }), put("b", {}, { expiresAt: 10 })));
        await models.apply(batch(1n, 2n, put("a", {}, { expiresAt: 30 }), put("b", {}, { expiresAt: null })));
        expect(await models.removeExpired(20, 9)).toBe(0);
        expect(await ids({ limit: 9 })).toEqual(["a", "b"]);
      });
    });

    it("keep everything for the next process", async () => {
      await beatOnce();
      await models.apply(batch(0n, 4n, put("a", { kept: true }, { indexes: { user: "u" } })));
      const next = await place.connect();
      expect((await next.checkpoint()).position).toBe(4n);
      expect(await next.list("grants", { index: ["user", "u"], limit: 9 })).toHaveLength(1);
      await next.close();
    });
  });
}
