import { describe, expect, it } from "vitest";
import { dayText, statsOf, summaryOf, sumOf } from "../../../application/audit/stats.ts";
import type { Count, Total } from "../../../application/ports/audit-index.ts";

const count = (day: number, what: string, times: number): Count => ({
  day,
  what,
  dimension: "all",
  value: "",
  count: times,
});

const days = { since: 20_000, until: 20_001 };

/** Over an index that holds these; blocks are sealed by a word before them. */
const over = (counts: readonly Count[], totals: readonly Total[] = []) => ({
  index: {
    counts: () => counts,
    totals: () => totals,
    memory: (key: string) => (key === "block:gone" ? undefined : `sealed ${key.slice(6, 12)}`),
  },
  secrets: {
    open: (_: string, sealed: string) =>
      sealed === "sealed locked" ? undefined : sealed.replace("sealed ", ""),
  },
});

it("shows each day that had anything", () => {
  const counts = [
    count(20_000, "issued.repeat", 1),
    count(20_000, "started.mcp", 3),
    count(20_001, "refused.x", 2),
  ];
  expect(statsOf(over(counts), "day", days)).toEqual([
    { name: "2024-10-04", counts: { "issued.repeat": 1, "started.mcp": 3 } },
    { name: "2024-10-05", counts: { "refused.x": 2 } },
  ]);
  expect(dayText(20_000)).toBe("2024-10-04");
});

it("shows the busiest clients first, whatever they are called", () => {
  const totals = [
    { what: "issued.repeat", value: "__proto__", count: 5 },
    { what: "refused.x", value: "b", count: 9 },
    { what: "issued.repeat", value: "a", count: 5 },
  ];
  const names = statsOf(over([], totals), "client", days).map(({ name }) => name);
  expect(names).toEqual(["b", "__proto__", "a"]);
});

it("shows a block once, by whatever keys it was made blind, and those that cannot be read as unknown", () => {
  const totals = ["net a by 1", "net a by 2", "gone", "locked"].map((value) => ({
    what: "started.browser",
    value,
    count: 2,
  }));
  expect(statsOf(over([], totals), "block", days)).toEqual([
    { name: "net a ", counts: { "started.browser": 4 } },
    { name: "unknown", counts: { "started.browser": 4 } },
  ]);
});

describe("a sum", () => {
  const row = {
    counts: { "issued.repeat": 1, "issued.refresh_token": 20, "refused.a": 3, "refused.a b": 4 },
  };

  it("is of a group, or of one thing alone", () => {
    expect([sumOf(row, "issued."), sumOf(row, "refused.a"), sumOf(row, "refused.")]).toEqual([21, 3, 7]);
    expect(summaryOf(row)).toMatchObject({
      access_tokens: 21,
      refreshes: 20,
      repeats: 1,
      refusals: 7,
      reuse: 0,
    });
  });
});
