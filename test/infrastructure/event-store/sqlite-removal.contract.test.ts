import { existsSync, readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type EventStore, StreamTombstoned } from "../../../application/ports/event-store.ts";
import { openSqliteEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { event, events, take } from "./events.ts";
import { newFile } from "./folder.ts";

const forwards = { direction: "forwards", limit: 1_000 } as const;

async function open(file: string): Promise<EventStore> {
  const store = await openSqliteEventStore({ file });
  onTestFinished(() => store.close());
  return store;
}

/** How often the text stands in the files of the log. */
function occurrences(file: string, text: string): number {
  const parts = [file, `${file}-wal`].filter((part) => existsSync(part));
  return parts.reduce((sum, part) => sum + readFileSync(part, "latin1").split(text).length - 1, 0);
}

describe("removal of streams from a log in a file", () => {
  it("takes their events out of the log too, and keeps the others", async () => {
    const store = await open(newFile());
    for (const stream of ["a", "b", "c"]) await store.append(stream, events(2), -1);
    await store.softDelete("a", 1);
    await store.tombstone("c", 1);
    const all = await store.readAll(0n, 10);
    expect(all.map(({ stream, position }) => [stream, position])).toEqual([
      ["b", 3n],
      ["b", 4n],
    ]);
    expect(await store.lastPosition()).toBe(6n);
  });

  it.each(["softDelete", "tombstone"] as const)(
    "never uses a position again after %s of the last event",
    async (remove) => {
      const file = newFile();
      const first = await open(file);
      const { position } = await first.append("a", events(3), -1);
      const taken = take(first, position, 1);
      await first[remove]("a", 2);
      expect((await first.append("b", [event()], -1)).position).toBe(position + 1n);
      expect(await taken).toMatchObject([{ stream: "b" }]);
      await first[remove]("b", 0);
      await first.close();
      const second = await open(file);
      expect(await second.lastPosition()).toBe(position + 1n);
      expect((await second.append("c", [event()], -1)).position).toBe(position + 2n);
    },
  );

  it("is done in the order of the calls, between appends", async () => {
    const store = await open(newFile());
    const [first, second] = await Promise.all([
      store.append("a", events(2), -1),
      store.append("b", [event()], -1),
      store.softDelete("a", 1),
      store.append("a", [event()], -1).then((after) => expect(after.revision).toBe(2)),
      store.tombstone("b", 0),
      expect(store.append("b", [event()], 0)).rejects.toThrow(StreamTombstoned),
    ]);
    expect([first.revision, second.revision]).toEqual([1, 0]);
    expect(await store.read("a", forwards)).toHaveLength(1);
  });

  it("is known to every process, and to the next one", async () => {
    const file = newFile();
    const [one, other] = [await open(file), await open(file)];
    await one.append("a", events(2), -1);
    await one.append("b", events(2), -1);
    await other.tombstone("a", 1);
    await other.softDelete("b", 1);
    expect(await one.read("a", forwards)).toEqual([]);
    await expect(one.append("a", [event()], 1)).rejects.toThrow(StreamTombstoned);
    await Promise.all([one.close(), other.close()]);
    const next = await open(file);
    await expect(next.append("a", [event()], -1)).rejects.toThrow(StreamTombstoned);
    expect(await next.append("b", [event()], -1)).toMatchObject({ revision: 2 });
  });

  it("lets an append at -1 be repeated before and after it, where few events were removed", async () => {
    const store = await open(newFile());
    const [before, after] = [events(2), events(2)];
    const first = await store.append("a", before, -1);
    await store.softDelete("a", 1);
    expect(await store.append("a", before, -1)).toEqual(first);
    const second = await store.append("a", after, -1);
    expect(await store.append("a", after, -1)).toEqual(second);
    expect(await store.append("a", before, -1)).toEqual(first);
    expect(await store.read("a", forwards)).toHaveLength(2);
  });
});

describe("a tombstone leaves nothing of the events in the files", () => {
  const secret = "very-private";
  const confide = (store: EventStore, stream: string, expected: number) =>
    store.append(stream, [event({ secret, padding: "x".repeat(expected * 200 + 400) })], expected);

  it("at once", async () => {
    const file = newFile();
    const store = await open(file);
    await confide(store, "a", -1);
    await store.append("b", events(3), -1);
    await confide(store, "a", 0);
    expect(occurrences(file, secret)).toBeGreaterThan(0);
    await store.tombstone("a", 1);
    expect(statSync(`${file}-wal`).size).toBe(0);
    expect(occurrences(file, secret)).toBe(0);
    expect(await store.read("b", forwards)).toHaveLength(3);
  });

  it("soon, where a reader hinders it", async () => {
    const file = newFile();
    const store = await open(file);
    await confide(store, "a", -1);
    using reader = new DatabaseSync(file);
    reader.exec("BEGIN; SELECT * FROM events");
    await store.tombstone("a", 0);
    expect(occurrences(file, secret)).toBeGreaterThan(0);
    reader.exec("COMMIT");
    await vi.waitFor(() => expect(occurrences(file, secret)).toBe(0), { timeout: 5_000 });
  });

  it("not even what was moved about by earlier removals, when it is closed", async () => {
    const file = newFile();
    const store = await open(file);
    const streams = Array.from({ length: 100 }, (_, number) => `s${(number * 37) % 100}`);
    for (let revision = -1; revision < 4; revision += 1)
      await Promise.all(streams.toSorted().map((stream) => confide(store, stream, revision)));
    for (let first = 0; first < 100; first += 10)
      await Promise.all(streams.slice(first, first + 10).map((stream) => store.tombstone(stream, 4)));
    await store.append("kept", events(3), -1);
    await store.close();
    expect(occurrences(file, secret)).toBe(0);
    const next = await open(file);
    expect(await next.readAll(0n, 10)).toMatchObject([{ position: 501n }, {}, { position: 503n }]);
    using db = new DatabaseSync(file);
    expect(db.prepare("PRAGMA user_version").get()).toEqual({ user_version: 0 });
  });
});

describe("a log of format 1", () => {
  function write(file: string): void {
    using db = new DatabaseSync(file);
    db.exec(`
      CREATE TABLE meta (log_id TEXT NOT NULL, format INTEGER NOT NULL) STRICT;
      INSERT INTO meta VALUES ('the-log', 1);
      CREATE TABLE events (
        position INTEGER PRIMARY KEY AUTOINCREMENT, stream TEXT NOT NULL, revision INTEGER NOT NULL,
        type TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL, time INTEGER NOT NULL,
        data TEXT NOT NULL, metadata TEXT NOT NULL, UNIQUE (stream, revision)
      ) STRICT;
      INSERT INTO events VALUES (5, 'a', 0, 't', 1, 'i', 7, '{}', '{}'), (9, 'a', 1, 't', 1, 'j', 8, '{}', '{}');
      PRAGMA journal_mode = WAL;`);
  }

  it("is brought to this format with what it holds, once, whoever opens it", async () => {
    const file = newFile();
    write(file);
    const stores = await Promise.all(Array.from({ length: 4 }, () => open(file)));
    for (const store of stores) {
      expect(store.logId).toBe("the-log");
      expect(await store.readAll(0n, 9)).toMatchObject([
        { position: 5n, id: "i", time: 7 },
        { position: 9n, id: "j", time: 8 },
      ]);
    }
    await stores[0]?.softDelete("a", 1);
    expect(await stores[1]?.append("a", [event()], -1)).toEqual({ revision: 2, position: 10n });
  });
});

describe("isErased", () => {
  it("leaves nothing of a tombstoned stream in the files, while the log is open and written to", async () => {
    const file = newFile();
    const store = await open(file);
    const secret = "the wrapped key of one person";
    const { position } = await store.append("a", [event({ secret }), event({ secret })], -1);
    for (let count = 0; count < 50; count += 1) await store.append(`b${count}`, events(5), -1);
    await store.tombstone("a", 1);
    const [isErased] = await Promise.all([store.isErased([position]), store.append("c", [event()], -1)]);
    expect(isErased).toBe(true);
    expect(occurrences(file, secret)).toBe(0);
    expect(await store.read("b7", forwards)).toHaveLength(5);
    expect(await store.read("c", forwards)).toHaveLength(1);
  });

  it("says no while a reader needs what stands in the write-ahead log", async () => {
    const file = newFile();
    const store = await open(file);
    const { position } = await store.append("a", [event()], -1);
    const reader = new DatabaseSync(file, { readOnly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM events").get();
    await store.tombstone("a", 0);
    expect(await store.isErased([position])).toBe(false);
    reader.close();
    expect(await store.isErased([position])).toBe(true);
  });
});
