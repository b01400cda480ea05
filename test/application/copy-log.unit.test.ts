import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyLog, NotACopy } from "../../application/copy-log.ts";
import type { EventStore } from "../../application/ports/event-store.ts";
import { openEphemeralEventStore } from "../../infrastructure/event-store/sqlite/index.ts";

let from: EventStore;
let to: EventStore;
let clock: number;
beforeEach(async () => {
  clock = 1_000;
  from = await openEphemeralEventStore({ clock: { now: () => clock++ } });
  to = await openEphemeralEventStore({ clock: { now: () => 9_999_999 } });
});
afterEach(() => Promise.all([from.close(), to.close()]));

const { signal } = new AbortController();
const event = (n: number) => ({
  id: crypto.randomUUID(),
  type: "test.happened",
  version: 1,
  data: { n, text: "ü 🎵" },
  metadata: { actor: "system", correlationId: "test" },
});

/** Appends to three streams in turn, now and then two events at once. */
async function write(store: EventStore, count: number, first = 0): Promise<void> {
  for (let n = first; n < first + count; n += 1) {
    const stream = `stream-${n % 3}`;
    const [last] = await store.read(stream, { direction: "backwards", limit: 1 });
    await store.append(stream, n % 5 === 0 ? [event(n), event(n)] : [event(n)], last?.revision ?? -1);
  }
}

const copy = (abort = signal, progress: (events: number) => void = () => undefined) =>
  copyLog(from, to, progress, abort);
const allOf = async (store: EventStore) =>
  (await store.readAll(0n, 10_000)).map(({ position: _, ...rest }) => rest);

describe("copying a log", () => {
  it("leaves ids, revisions, times, data and order as they were", async () => {
    await write(from, 100);
    const { events, before } = await copy();
    expect({ events, before }).toEqual({ events: 120, before: 0 });
    expect(await allOf(to)).toEqual(await allOf(from));
  });

  it("of nothing is nothing", async () => {
    expect(await copy()).toMatchObject({ events: 0, before: 0 });
  });

  it("goes on where it was stopped, and copies what came meanwhile", async () => {
    await write(from, 700);
    const stopping = new AbortController();
    await expect(copy(stopping.signal, (events) => events > 500 && stopping.abort())).rejects.toThrow();
    const held = (await allOf(to)).length;
    expect(held).toBeGreaterThan(500);
    await write(from, 50, 700);
    expect(await copy()).toMatchObject({ before: held });
    expect(await allOf(to)).toEqual(await allOf(from));
    const again = await copy();
    expect(again).toMatchObject({ before: again.events });
  });

  it("says the same digest of the same log, and another of another", async () => {
    await write(from, 20);
    const { digest } = await copy();
    expect((await copy()).digest).toBe(digest);
    await write(from, 1, 20);
    expect((await copy()).digest).not.toBe(digest);
  });

  it.each([
    ["holds other events", async () => write(to, 5)],
    [
      "holds more",
      async () => {
        await copy();
        await write(to, 1, 20);
      },
    ],
  ])("is refused where the other store %s", async (_, spoil) => {
    await write(from, 20);
    await spoil();
    await expect(copy()).rejects.toThrow(NotACopy);
  });
});
