import { expect, it } from "vitest";
import type { AnomalyRange, IndexBatch } from "../../../application/ports/audit-index.ts";
import { openAuditIndex } from "../../../infrastructure/audit/index-file.ts";

const nothing: IndexBatch = {
  from: 0n,
  to: 1n,
  lastId: "last",
  entries: [],
  counts: [],
  anomalies: [],
  memories: [],
  forgotten: [],
};

/** An index that holds what this batch adds. */
function indexWith(changes: Partial<IndexBatch>) {
  const index = openAuditIndex({ file: ":memory:", logId: "log" });
  index.apply({ ...nothing, ...changes });
  return index;
}

it("adds up days, for each dimension by itself", () => {
  const count = { day: 1, what: "issued", dimension: "client" as const, value: "c", count: 2 };
  const all = { ...count, dimension: "all" as const, value: "" };
  const index = indexWith({
    counts: [count, { ...count, day: 2 }, { ...count, day: 3 }, { ...count, value: "d" }, all],
  });
  expect(index.totals("client", 1, 2)).toEqual([
    { what: "issued", value: "c", count: 4 },
    { what: "issued", value: "d", count: 2 },
  ]);
  expect(index.counts("client", 2, 3).map(({ day }) => day)).toEqual([2, 3]);
  expect(index.counts("all", 0, 9)).toEqual([all]);
  expect(index.totals("block", 0, 9)).toEqual([]);
});

it("tells of anomalies by time and kind, the newest where there are many", () => {
  const anomaly = { kind: "moved", subject: "s", time: 1, explanation: "far", events: ["x@1", "x@2"] };
  const anomalies = [anomaly, { ...anomaly, time: 2 }, { ...anomaly, kind: "burst", time: 3 }];
  const index = indexWith({ anomalies });
  const found = (range: Partial<AnomalyRange>) =>
    index.anomalies({ since: 0, until: 9, limit: 9, ...range }).map(({ time }) => time);
  expect(index.anomalies({ since: 0, until: 1, limit: 9 })).toEqual([anomaly]);
  expect([found({}), found({ limit: 2 }), found({ since: 2, until: 2 })]).toEqual([[1, 2, 3], [2, 3], [2]]);
  expect([found({ kind: "moved", limit: 1 }), found({ kind: "other" })]).toEqual([[2], []]);
});

it("remembers nothing that detectors have done with", () => {
  const memory = { key: "session:1", owner: "u_a", value: "network" };
  const index = indexWith({ memories: [memory] });
  expect(index.memory("session:1")).toBe("network");
  index.apply({ ...nothing, from: 1n, to: 2n, memories: [{ ...memory, value: null }] });
  expect(index.memory("session:1")).toBeUndefined();
});
