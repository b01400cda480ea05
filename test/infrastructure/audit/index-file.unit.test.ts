import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AuditIndex, IndexBatch, IndexEntry } from "../../../application/ports/audit-index.ts";
import { openAuditIndex } from "../../../infrastructure/audit/index-file.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const entry = (position: number, changes: Partial<IndexEntry> = {}, time = position): IndexEntry => ({
  event: { position: BigInt(position), stream: `s-${position % 3}`, revision: position, type: "t", time },
  terms: [],
  addresses: [],
  owner: null,
  ...changes,
});

const batch = (
  from: number,
  entries: readonly IndexEntry[],
  changes: Partial<IndexBatch> = {},
): IndexBatch => ({
  from: BigInt(from),
  to: entries.at(-1)?.event.position ?? BigInt(from),
  lastId: "last",
  entries,
  counts: [],
  anomalies: [],
  memories: [],
  forgotten: [],
  ...changes,
});

const inMemory = (): AuditIndex => openAuditIndex({ file: ":memory:", logId: "log" });
const positions = (found: readonly { readonly position: bigint }[]) =>
  found.map(({ position }) => Number(position));

describe("the audit index", () => {
  it("finds events by any of several terms, each once, from either end", () => {
    const index = inMemory();
    index.apply(
      batch(0, [
        entry(1, { terms: ["user:a", "client:x"] }),
        entry(2, { terms: ["user:b"] }),
        entry(5, { terms: ["user:a"] }),
      ]),
    );
    expect(positions(index.find(["user:a", "client:x", "user:b"], { limit: 10 }))).toEqual([1, 2, 5]);
    expect(positions(index.find(["user:a"], { limit: 1, newestFirst: true }))).toEqual([5]);
    expect(positions(index.find(["user:a"], { limit: 9, from: 2n }))).toEqual([5]);
    expect(positions(index.find(["user:a"], { limit: 9, to: 4n }))).toEqual([1]);
    expect(index.find(["user:c"], { limit: 9 })).toEqual([]);
  });

  it("knows the last event of a stream at any position", () => {
    const index = inMemory();
    index.apply(
      batch(
        0,
        [1, 2, 3, 4, 5, 6].map((position) => entry(position)),
      ),
    );
    expect(index.last("s-1", 6n)?.position).toBe(4n);
    expect(index.last("s-1", 3n)?.position).toBe(1n);
    expect(index.last("s-1", 0n)).toBeUndefined();
  });

  it("takes a batch only from where it stands, whole or not", () => {
    const index = inMemory();
    expect(index.apply(batch(0, [entry(1)]))).toBe(true);
    expect(index.apply(batch(0, [entry(1)]))).toBe(false);
    expect(() => index.apply(batch(1, [entry(2), entry(2)]))).toThrow(/audit index/);
    expect(index.checkpoint()).toEqual({ position: 1n, lastId: "last", events: 1 });
    expect(index.apply(batch(1, [entry(2)]))).toBe(true);
  });

  it("tells what had happened by an instant, though the clock steps back: all before the first later event", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 30 })), {
          maxLength: 20,
        }),
        fc.integer({ min: -1, max: 31 }),
        (gaps, instant) => {
          const index = inMemory();
          const places = gaps.map((_, at) => gaps.slice(0, at + 1).reduce((sum, [gap]) => sum + gap, 0));
          const entries = gaps.map(([, time], at) => entry(places[at] ?? 0, {}, time));
          for (const [at, one] of entries.entries())
            index.apply(batch(Number(entries[at - 1]?.event.position ?? 0), [one]));
          const later = entries.findIndex(({ event }) => event.time > instant);
          const expected = entries[(later < 0 ? entries.length : later) - 1]?.event.position ?? 0n;
          expect(index.positionAt(instant)).toBe(expected);
          index.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("adds up counts and forgets what was made of a person's addresses", () => {
    const index = inMemory();
    const count = { day: 1, what: "issued", dimension: "all" as const, value: "", count: 2 };
    const memory = { key: "session:1", owner: "u_a", value: "network" };
    index.apply(
      batch(
        0,
        [
          entry(1, { addresses: ["address:x"], owner: "u_a" }),
          entry(2, { addresses: ["address:x"], owner: "u_b" }),
        ],
        {
          counts: [count],
          memories: [memory, { ...memory, key: "session:2", owner: "u_b" }],
        },
      ),
    );
    index.apply(batch(2, [entry(3)], { counts: [count], forgotten: ["u_a"] }));
    expect(index.counts("all", 0, 9)).toEqual([{ ...count, count: 4 }]);
    expect(positions(index.find(["address:x"], { limit: 9 }))).toEqual([2]);
    expect([index.memory("session:1"), index.memory("session:2")]).toEqual([undefined, "network"]);
  });

  it("stays where it was, is emptied for another log, and is replaced where its file is broken", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "audit.db");
    const open = (logId: string) => openAuditIndex({ file, logId });
    const first = open("log");
    first.apply(batch(0, [entry(1)]));
    first.close();
    const again = open("log");
    expect(again.checkpoint().position).toBe(1n);
    again.close();
    const other = open("another");
    expect(other.checkpoint().position).toBe(0n);
    other.close();
    writeFileSync(file, "no database at all, but long enough to be looked at".repeat(100));
    const replaced = open("log");
    expect(replaced.checkpoint()).toEqual({ position: 0n, lastId: "", events: 0 });
    replaced.close();
  });

  it("takes nothing in, and holds up nobody, while another process writes; it can be opened and read meanwhile", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "audit.db");
    const options = { file, logId: "log", patience: 1 };
    const one = openAuditIndex(options);
    one.apply(batch(0, [entry(1)]));
    const writer = new DatabaseSync(file);
    writer.exec("BEGIN IMMEDIATE");
    expect(one.apply(batch(1, [entry(2)]))).toBe(false);
    const other = openAuditIndex(options);
    expect(other.at(1n)?.type).toBe("t");
    writer.exec("ROLLBACK");
    expect(other.apply(batch(1, [entry(2)]))).toBe(true);
    for (const opened of [one, other, writer]) opened.close();
  });

  it("may be made anew while another process has it open", () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "audit.db");
    const [one, other] = [openAuditIndex({ file, logId: "log" }), openAuditIndex({ file, logId: "log" })];
    one.apply(batch(0, [entry(1)]));
    other.reset();
    expect(one.checkpoint().position).toBe(0n);
    expect(one.apply(batch(0, [entry(1)]))).toBe(true);
    expect(other.at(1n)?.type).toBe("t");
    one.close();
    other.close();
  });
});
