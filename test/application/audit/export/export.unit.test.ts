import { afterEach, beforeEach, expect, it } from "vitest";
import { BadCursor, positionOf } from "../../../../application/audit/export/cursor.ts";
import { exportRecords } from "../../../../application/audit/export/export.ts";
import type { EventStore } from "../../../../application/ports/event-store.ts";
import { systemClock as clock } from "../../../../infrastructure/clock.ts";
import { openEphemeralEventStore } from "../../../../infrastructure/event-store/sqlite/index.ts";
import { everything, exported } from "./records.ts";

let store: EventStore;
let now: number;
beforeEach(async () => {
  now = 0;
  store = await openEphemeralEventStore({ clock: { now: () => now } });
});
afterEach(() => store.close());

/** One event each at these times. */
async function append(type: "library.reset" | "projection.retried", ...times: readonly number[]) {
  for (const time of times) {
    now = time;
    const data =
      type === "library.reset" ? { library: { epoch: 1, resetAt: time } } : { stream: null, at: time };
    const id = `019cab7e-0000-7000-8000-${String(time).padStart(12, "0")}`;
    const metadata = { actor: "operator", correlationId: "test" };
    await store.append(`${type}-${time}`, [{ id, type, version: 1, data, metadata }], -1);
  }
}

const timesOf = ({ records }: Awaited<ReturnType<typeof exported>>) =>
  records.map(({ stored }) => stored.time);

it("gives out what is asked for: from a time until before another, by the start of the type", async () => {
  await append("library.reset", 10, 20, 30);
  await append("projection.retried", 40);
  expect(timesOf(await exported(store))).toEqual([10, 20, 30, 40]);
  expect(timesOf(await exported(store, { since: 20, until: 40 }))).toEqual([20, 30]);
  expect(timesOf(await exported(store, { types: ["projection.", "x"] }))).toEqual([40]);
});

it("goes on from any cursor, with nothing missing and nothing twice", async () => {
  const times = Array.from({ length: 1_203 }, (_, index) => index + 1);
  await append("library.reset", ...times);
  const { records } = await exported(store);
  expect(records.map(({ stored }) => stored.time)).toEqual(times);
  for (const index of [0, 498, 499, 500, 1_201, 1_202]) {
    const after = await positionOf(store, records[index]?.cursor ?? "");
    expect(timesOf(await exported(store, { after }))).toEqual(times.slice(index + 1));
  }
  const seen: number[] = [];
  for (let after = 0n; seen.length < times.length; ) {
    const { records: few, cursor } = await exported(store, { after, limit: 333 });
    seen.push(...few.map(({ stored }) => stored.time));
    after = await positionOf(store, cursor ?? "");
  }
  expect(seen).toEqual(times);
});

it("reads on over what nobody asked for, so that the next run need not", async () => {
  await append("library.reset", 1, 2, 3);
  const { records, cursor } = await exported(store, { types: ["projection."] });
  expect(records).toEqual([]);
  expect(await positionOf(store, cursor ?? "")).toBe(await store.lastPosition());
});

it("ends where the log ended when it began, however it grows meanwhile", async () => {
  await append("library.reset", 1, 2);
  const growing: EventStore = {
    ...store,
    logId: store.logId,
    lastPosition: () => store.lastPosition(),
    async readAll(after, limit) {
      await append("library.reset", Number(await store.lastPosition()) + 1);
      return await store.readAll(after, limit);
    },
  };
  expect(timesOf(await exported(growing))).toEqual([1, 2]);
});

it("follows the log until it is stopped", async () => {
  await append("library.reset", 1);
  const stopping = new AbortController();
  const seen: number[] = [];
  for await (const { records } of exportRecords(
    { store, clock },
    { ...everything, follows: true },
    stopping.signal,
  )) {
    seen.push(...records.map(({ stored }) => stored.time));
    if (seen.length === 1) void append("library.reset", 2);
    if (seen.length === 2) stopping.abort();
  }
  expect(seen).toEqual([1, 2]);
});

it("refuses a cursor that is none, of another log, or beyond the end", async () => {
  await append("library.reset", 1);
  const { cursor = "" } = await exported(store);
  expect(await positionOf(store, cursor)).toBe(1n);
  const other = await openEphemeralEventStore();
  await expect(positionOf(other, cursor)).rejects.toThrow("The cursor is of another log.");
  await other.close();
  const beyond = cursor.replace(/\d+$/, "2");
  await expect(positionOf(store, beyond)).rejects.toThrow(/^The cursor is beyond the end of the log/);
  for (const none of ["", "1", "c12345678.", `${cursor}x`, cursor.replace(/\d+$/, "99999999999999999999")])
    await expect(positionOf(store, none)).rejects.toThrow(BadCursor);
});
