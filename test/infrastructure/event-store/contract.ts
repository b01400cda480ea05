import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type EventStore,
  StreamTombstoned,
  Unavailable,
  WrongExpectedRevision,
} from "../../../application/ports/event-store.ts";
import { event, events, newStream, take } from "./events.ts";

const ids = (list: readonly { id: string }[]) => list.map(({ id }) => id);
const revisions = (list: readonly { revision: number }[]) => list.map(({ revision }) => revision);
const forwards = { direction: "forwards", limit: 1_000 } as const;
const backwards = { direction: "backwards", limit: 1_000 } as const;

/**
 * What every event store does, whatever the engine. The log need not be empty, and others may append to it meanwhile.
 * @param open opens a store; the suite closes it
 */
export function eventStoreContract(name: string, open: () => Promise<EventStore>): void {
  describe(`event store contract: ${name}`, () => {
    let store: EventStore;
    let stream: string;

    beforeEach(async () => {
      store = await open();
      stream = newStream();
    });
    afterEach(() => store.close());

    describe("append", () => {
      it("keeps an event as it was given, with its place and time", async () => {
        const before = Date.now();
        const given = event({ text: "é\u0000😀", list: [1, null, { deep: true }] });
        const { position } = await store.append(stream, [given], -1);
        const [stored] = await store.read(stream, forwards);
        expect(stored).toMatchObject({ ...given, stream, revision: 0, position });
        expect(stored?.time).toBeGreaterThanOrEqual(before - 1_000);
        expect(stored?.time).toBeLessThanOrEqual(Date.now() + 1_000);
      });

      it("keeps the time of an event that brings its own", async () => {
        const after = await store.lastPosition();
        await store.append(stream, [{ ...event(), time: 1_234_567_890_123 }, event()], -1);
        const times = (list: readonly { stream: string; time: number }[]) =>
          list.filter((stored) => stored.stream === stream).map(({ time }) => time);
        const stored = times(await store.read(stream, forwards));
        expect(stored).toEqual([1_234_567_890_123, expect.any(Number)]);
        expect(stored[1]).toBeGreaterThan(Date.now() - 10_000);
        expect(times(await store.readAll(after, 1_000))).toEqual(stored);
      });

      it("answers the revision and position of the last event", async () => {
        const result = await store.append(stream, events(3), -1);
        const stored = await store.read(stream, forwards);
        expect(revisions(stored)).toEqual([0, 1, 2]);
        expect(result).toEqual({ revision: 2, position: stored[2]?.position });
      });

      it.each([-1, 0, 2, 7])(
        "refuses the expected revision %i where it is 1, and says so",
        async (expected) => {
          const given = events(2);
          await store.append(stream, given, -1);
          const refused = store.append(stream, [event()], expected);
          await expect(refused).rejects.toThrow(WrongExpectedRevision);
          await expect(refused).rejects.toMatchObject({ stream, actual: 1 });
          expect(ids(await store.read(stream, forwards))).toEqual(ids(given));
        },
      );

      it("refuses a revision of a stream that does not exist", async () => {
        await expect(store.append(stream, [event()], 0)).rejects.toMatchObject({ stream, actual: -1 });
      });

      it("answers the same events again as the first time", async () => {
        const given = events(2);
        const first = await store.append(stream, given, -1);
        expect(await store.append(stream, given, -1)).toEqual(first);
        expect(await store.read(stream, forwards)).toHaveLength(2);
      });

      it("answers the same events again after later ones", async () => {
        await store.append(stream, events(2), -1);
        const given = events(2);
        const first = await store.append(stream, given, 1);
        await store.append(stream, events(2), 3);
        expect(await store.append(stream, given, 1)).toEqual(first);
        expect(await store.read(stream, forwards)).toHaveLength(6);
      });

      it("refuses events of which only some are there", async () => {
        const given = events(2);
        await store.append(stream, given, -1);
        const [first, second] = given;
        await expect(store.append(stream, [first, event()] as never, -1)).rejects.toThrow(
          WrongExpectedRevision,
        );
        await expect(store.append(stream, [...given, event()], -1)).rejects.toThrow(WrongExpectedRevision);
        await expect(store.append(stream, [second] as never, -1)).rejects.toThrow(WrongExpectedRevision);
      });

      it("lets exactly one of those win who expect the same revision", async () => {
        const attempts = Array.from({ length: 50 }, () => store.append(stream, [event()], -1));
        const settled = await Promise.allSettled(attempts);
        expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        expect(await store.read(stream, forwards)).toHaveLength(1);
      });

      it("refuses one append without failing those made at the same time", async () => {
        const good = Array.from({ length: 20 }, () => store.append(newStream(), [event()], -1));
        const bad = store.append(stream, [event()], 3);
        const more = Array.from({ length: 20 }, () => store.append(newStream(), [event()], -1));
        await expect(bad).rejects.toThrow(WrongExpectedRevision);
        await Promise.all([...good, ...more]);
      });

      it("appends in the order of the calls", async () => {
        const calls = Array.from({ length: 100 }, (_, index) =>
          store.append(stream, [event(index)], index - 1),
        );
        expect(revisions(await Promise.all(calls))).toEqual(calls.map((_, index) => index));
        const data = (await store.read(stream, forwards)).map((stored) => stored.data);
        expect(data).toEqual(calls.map((_, index) => index));
      });

      it("refuses what is no JSON value, and appends nothing of it", async () => {
        const cycle: { self?: unknown } = {};
        cycle.self = cycle;
        for (const data of [{ amount: 1n }, cycle, undefined]) {
          await expect(store.append(stream, [event(), event(data ?? (() => 0))], -1)).rejects.toThrow(
            TypeError,
          );
        }
        expect(await store.read(stream, forwards)).toEqual([]);
      });

      it("refuses to append nothing", async () => {
        await expect(store.append(stream, [], -1)).rejects.toThrow(TypeError);
      });
    });

    describe("read", () => {
      beforeEach(() => store.append(stream, events(10), -1));

      it("reads nothing of a stream that does not exist", async () => {
        expect(await store.read(newStream(), forwards)).toEqual([]);
        expect(await store.read(newStream(), backwards)).toEqual([]);
      });

      it.each([
        ["forwards", undefined, 3, [0, 1, 2]],
        ["forwards", 4, 3, [4, 5, 6]],
        ["forwards", 8, 100, [8, 9]],
        ["forwards", 10, 100, []],
        ["backwards", undefined, 1, [9]],
        ["backwards", undefined, 3, [9, 8, 7]],
        ["backwards", 4, 3, [4, 3, 2]],
        ["backwards", 1, 100, [1, 0]],
        ["backwards", 100, 2, [9, 8]],
      ] as const)("reads %s from %s, at most %i", async (direction, from, limit, expected) => {
        expect(revisions(await store.read(stream, { direction, from, limit }))).toEqual(expected);
      });

      it("sees every append that was answered", async () => {
        for (let revision = 9; revision < 60; revision += 1) {
          await store.append(stream, [event()], revision);
          const [last] = await store.read(stream, { direction: "backwards", limit: 1 });
          expect(last?.revision).toBe(revision + 1);
        }
      });
    });

    describe("readAll", () => {
      it("pages through the log in the order of the positions", async () => {
        const start = await store.lastPosition();
        const other = newStream();
        await store.append(stream, events(5), -1);
        await store.append(other, events(5), -1);
        await store.append(stream, events(5), 4);
        const read = [];
        for (let after = start; ; ) {
          const page = await store.readAll(after, 4);
          expect(page.length).toBeLessThanOrEqual(4);
          const last = page.at(-1);
          if (last === undefined) break;
          expect(last.position).toBeGreaterThan(after);
          after = last.position;
          read.push(...page);
        }
        const ours = read.filter((stored) => stored.stream === stream || stored.stream === other);
        expect(revisions(ours)).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect(read).toEqual(read.toSorted((a, b) => Number(a.position - b.position)));
      });

      it("knows the last position", async () => {
        const { position } = await store.append(stream, events(2), -1);
        expect(await store.lastPosition()).toBeGreaterThanOrEqual(position);
      });
    });

    describe("subscribe", () => {
      const ofStream = (wanted: string) => (stored: { stream: string }) => stored.stream === wanted;

      it("brings what is there, then what comes", async () => {
        const after = await store.lastPosition();
        await store.append(stream, events(700), -1);
        const taken = take(store, after, 703, ofStream(stream));
        await sleep(50);
        for (let revision = 699; revision < 702; revision += 1)
          await store.append(stream, [event()], revision);
        expect(revisions(await taken)).toEqual(Array.from({ length: 703 }, (_, index) => index));
      });

      it("starts after the position", async () => {
        const { position } = await store.append(stream, events(2), -1);
        const taken = take(store, position, 1, ofStream(stream));
        await store.append(stream, [event()], 1);
        expect(revisions(await taken)).toEqual([2]);
      });

      it("loses nothing and doubles nothing while many append, for each of several subscribers", async () => {
        const after = await store.lastPosition();
        const streams = Array.from({ length: 20 }, newStream);
        const ours = (stored: { stream: string }) => streams.includes(stored.stream);
        const subscribers = [1, 2, 3].map(() => take(store, after, 20 * 50, ours));
        const write = async (target: string) => {
          for (let revision = -1; revision < 49; revision += 1) {
            await store.append(target, [event()], revision);
            if (revision % 7 === 0) await sleep(1);
          }
        };
        await Promise.all(streams.map(write));
        for (const taken of await Promise.all(subscribers)) {
          expect(taken).toHaveLength(1_000);
          expect(taken).toEqual(taken.toSorted((a, b) => Number(a.position - b.position)));
          for (const target of streams) {
            expect(revisions(taken.filter(ofStream(target)))).toEqual(
              Array.from({ length: 50 }, (_, i) => i),
            );
          }
        }
      });

      it("ends when it is aborted while it waits", async () => {
        const ended = new AbortController();
        const subscription = store
          .subscribe(await store.lastPosition(), ended.signal)
          [Symbol.asyncIterator]();
        const next = subscription.next();
        setTimeout(() => ended.abort(), 20);
        expect(await next).toEqual({ done: true, value: undefined });
      });

      it("ends when it is aborted between batches, and where it was aborted before", async () => {
        await store.append(stream, [event()], -1);
        const ended = new AbortController();
        let batches = 0;
        for await (const _ of store.subscribe(0n, ended.signal)) {
          batches += 1;
          ended.abort();
        }
        expect(batches).toBe(1);
        for await (const _ of store.subscribe(0n, ended.signal)) expect.unreachable();
      });
    });

    describe("softDelete", () => {
      beforeEach(async () => {
        await store.append(stream, events(3), -1);
      });

      it("hides all events of the stream, and of no other one", async () => {
        const other = newStream();
        await store.append(other, events(2), -1);
        await store.softDelete(stream, 2);
        for (const options of [forwards, backwards, { ...forwards, from: 1 }, { ...backwards, from: 1 }]) {
          expect(await store.read(stream, options)).toEqual([]);
        }
        expect(await store.read(other, forwards)).toHaveLength(2);
      });

      it.each([2, -1])("is followed by appends at %i, whose revisions go on", async (expected) => {
        await store.softDelete(stream, 2);
        expect(await store.append(stream, events(2), expected)).toMatchObject({ revision: 4 });
        expect(revisions(await store.read(stream, forwards))).toEqual([3, 4]);
        expect(revisions(await store.read(stream, { ...forwards, from: 1 }))).toEqual([3, 4]);
        expect(revisions(await store.read(stream, backwards))).toEqual([4, 3]);
        await expect(store.append(stream, [event()], -1)).rejects.toMatchObject({ stream, actual: 4 });
        expect(await store.append(stream, [event()], 4)).toMatchObject({ revision: 5 });
      });

      it("lets exactly one of those win who append at -1 after it", async () => {
        await store.softDelete(stream, 2);
        const attempts = Array.from({ length: 20 }, () => store.append(stream, [event()], -1));
        const settled = await Promise.allSettled(attempts);
        expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
        expect(revisions(await store.read(stream, forwards))).toEqual([3]);
      });

      it("answers the same events again as the first time, before and after it", async () => {
        const given = events(2);
        const first = await store.append(stream, given, 2);
        await store.softDelete(stream, 4);
        expect(await store.append(stream, given, 2)).toEqual(first);
        expect(await store.read(stream, forwards)).toEqual([]);
        const next = events(2);
        const second = await store.append(stream, next, -1);
        expect(await store.append(stream, next, 4)).toEqual(second);
        expect(revisions(await store.read(stream, forwards))).toEqual([5, 6]);
      });

      it.each([0, 1, 3])("refuses %i where the last revision is 2, and hides nothing", async (expected) => {
        const refused = store.softDelete(stream, expected);
        await expect(refused).rejects.toThrow(WrongExpectedRevision);
        await expect(refused).rejects.toMatchObject({ stream, actual: 2 });
        expect(await store.read(stream, forwards)).toHaveLength(3);
      });

      it("may be repeated, and after new events hides them too", async () => {
        await store.softDelete(stream, 2);
        await store.softDelete(stream, 2);
        await store.append(stream, [event()], 2);
        await expect(store.softDelete(stream, 2)).rejects.toMatchObject({ stream, actual: 3 });
        await store.softDelete(stream, 3);
        expect(await store.read(stream, forwards)).toEqual([]);
        expect(await store.append(stream, [event()], -1)).toMatchObject({ revision: 4 });
      });

      it("does nothing to a stream that is not there", async () => {
        const other = newStream();
        await store.softDelete(other, -1);
        expect(await store.append(other, [event()], -1)).toMatchObject({ revision: 0 });
        expect(await store.read(other, forwards)).toHaveLength(1);
      });
    });

    describe("tombstone", () => {
      beforeEach(async () => {
        await store.append(stream, events(3), -1);
      });

      it("ends the stream for ever, and no other one", async () => {
        const other = newStream();
        await store.append(other, events(2), -1);
        await store.tombstone(stream, 2);
        expect(await store.read(stream, forwards)).toEqual([]);
        expect(await store.read(stream, backwards)).toEqual([]);
        for (const expected of [-1, 2, 3]) {
          await expect(store.append(stream, [event()], expected)).rejects.toThrow(StreamTombstoned);
        }
        expect(await store.read(other, forwards)).toHaveLength(2);
      });

      it("ends a stream that was deleted before", async () => {
        await store.softDelete(stream, 2);
        await store.tombstone(stream, 2);
        await expect(store.append(stream, [event()], -1)).rejects.toThrow(StreamTombstoned);
      });

      it.each([0, 1, 3])("refuses %i where the last revision is 2, and ends nothing", async (expected) => {
        const refused = store.tombstone(stream, expected);
        await expect(refused).rejects.toThrow(WrongExpectedRevision);
        await expect(refused).rejects.toMatchObject({ stream, actual: 2 });
        expect(await store.append(stream, [event()], 2)).toMatchObject({ revision: 3 });
      });

      it("may be repeated", async () => {
        await store.tombstone(stream, 2);
        await store.tombstone(stream, 2);
        await expect(store.append(stream, [event()], -1)).rejects.toThrow(StreamTombstoned);
      });

      it("does nothing to a stream that is not there", async () => {
        const other = newStream();
        await store.tombstone(other, -1);
        expect(await store.append(other, [event()], -1)).toMatchObject({ revision: 0 });
      });

      it("lets the log go on after its positions, without an event of its own", async () => {
        const { position } = await store.append(stream, [event()], 2);
        await store.tombstone(stream, 3);
        const other = newStream();
        const next = await store.append(other, [event()], -1);
        expect(next.position).toBeGreaterThan(position);
        const all = await store.readAll(position, 1_000);
        expect(all.filter((stored) => stored.stream === stream)).toEqual([]);
        expect(all.filter((stored) => stored.stream === other)).toHaveLength(1);
      });
    });

    describe("isErased", () => {
      it("says no while one of the events is told", async () => {
        const { position } = await store.append(stream, events(2), -1);
        expect(await store.isErased([position])).toBe(false);
        expect(await store.isErased([])).toBe(true);
      });
    });

    describe("close", () => {
      it("waits for what is under way, then turns everything away", async () => {
        const underWay = Array.from({ length: 20 }, () => store.append(newStream(), [event()], -1));
        await store.close();
        await Promise.all(underWay);
        await expect(store.append(stream, [event()], -1)).rejects.toThrow(Unavailable);
        await expect(store.read(stream, forwards)).rejects.toThrow(Unavailable);
        await expect(store.readAll(0n, 1)).rejects.toThrow(Unavailable);
        await expect(store.lastPosition()).rejects.toThrow(Unavailable);
      });

      it("fails the subscriptions that are still open", async () => {
        const { signal } = new AbortController();
        const subscription = store.subscribe(await store.lastPosition(), signal)[Symbol.asyncIterator]();
        const next = subscription.next();
        await Promise.all([store.close(), expect(next).rejects.toThrow(Unavailable)]);
      });

      it("may be called twice", async () => {
        await Promise.all([store.close(), store.close()]);
      });
    });
  });
}
