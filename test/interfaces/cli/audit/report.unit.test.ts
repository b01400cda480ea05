import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dayText } from "../../../../application/audit/stats.ts";
import { ticksTo } from "../../../../interfaces/cli/audit/report/chart.ts";
import type { Report } from "../../../../interfaces/cli/audit/report/contents.ts";
import { reportPage } from "../../../../interfaces/cli/audit/report/page.ts";
import { figureOf, spanLength } from "../../../../interfaces/cli/audit/report/series.ts";
import { writeReport } from "../../../../interfaces/cli/audit/report/write.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

const until = 20_500;
const evil = `https://evil.example/<script>alert(1)</script>?a="b"&c='d'`;

/** So many days with everything that a report shows, each with the same numbers. */
function report(days: number): Report {
  const since = until - days + 1;
  const counts = {
    "issued.authorization_code": 3,
    "issued.refresh_token": 1_400,
    "refused./auth/token invalid_grant": 2,
    "refused./auth/token invalid_grant_type": 1,
    [`refused.${evil}`]: 1,
    "detected.code_replayed": 1,
  };
  const event = `client-${evil}@1`;
  return {
    issuer: "https://auth.example",
    madeAt: until * 86_400_000,
    days: { since, until },
    daily: Array.from({ length: days }, (_, index) => ({ name: dayText(since + index), counts })),
    clients: [{ name: evil, counts }],
    blocks: [{ name: "192.0.2.0/24", counts: { "started.browser": 2 } }],
    anomalies: [{ kind: "scope_growth", subject: evil, time: 0, explanation: evil, events: [event] }],
    areAllAnomaliesShown: true,
  };
}

const empty: Report = { ...report(30), daily: [], clients: [], blocks: [], anomalies: [] };

const voids = new Set(["meta", "br"]);

/** The elements that are open at the end, or the first one that is closed out of turn. */
function unbalanced(page: string): readonly string[] {
  const open: string[] = [];
  for (const [, closing, name = "", selfClosing] of page.matchAll(/<(\/)?([a-z][\w]*)[^>]*?(\/)?>/gi)) {
    if (selfClosing || voids.has(name)) continue;
    if (!closing) open.push(name);
    else if (open.pop() !== name) return [`</${name}>`];
  }
  return open;
}

describe.each([
  ["a day", report(1)],
  ["thirty days", report(30)],
  ["four hundred days", report(400)],
  ["days without anything", empty],
])("the report on %s", (_, contents) => {
  const page = reportPage(contents);

  it("is well-formed, with numbers wherever numbers belong", () => {
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it("loads and runs nothing", () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\bsrc=|\bhref=|url\(|@import|\son\w+=/i);
  });
});

it("shows what others chose as text", () => {
  const page = reportPage(report(1));
  expect(page).not.toContain(evil);
  const text = page.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  // In legend, bar, table head and clients; of the anomaly as its subject, explanation and event.
  expect(text.split(evil)).toHaveLength(8);
});

it("says of empty charts that there was nothing", () => {
  const page = reportPage(empty);
  expect(page.match(/None in these days\./g)).toHaveLength(6);
  expect(page).not.toContain("<svg");
});

it("has a table beside every chart, in words of the days it adds up", () => {
  const page = reportPage(report(400));
  expect(page.match(/role="img"/g)).toHaveLength(3);
  expect(page.match(/, as a table"/g)).toHaveLength(3);
  expect(page).toContain("Access tokens issued, by week");
  expect(page).toContain(`<th scope="row">${dayText(until - 6)} to ${dayText(until)}</th>`);
  expect(page).toContain("by refresh: 9,800");
});

it("tells kinds of refusal apart, though one begins as another does", () => {
  const { daily, days } = report(2);
  const { series } = figureOf(days, daily, [["grant", "refused./auth/token invalid_grant"]]);
  expect(series).toEqual([{ name: "grant", values: [2, 2] }]);
});

it.each([
  [1, 1],
  [100, 1],
  [101, 7],
  [400, 7],
  [701, 28],
  [30_000, 364],
])("%i days have bars of %i days, and no day is lost", (count, length) => {
  const { days, daily } = report(count);
  expect(spanLength(days)).toBe(length);
  const { spans, series } = figureOf(days, daily, [["x", "issued.authorization_code"]]);
  expect(series[0]?.values.reduce((sum, value) => sum + value, 0)).toBe(3 * count);
  expect(spans.length).toBeLessThanOrEqual(100);
});

it.each([
  [0, [0, 1]],
  [1, [0, 1]],
  [3, [0, 1, 2, 3]],
  [7, [0, 2, 4, 6, 8]],
  [1_999, [0, 500, 1_000, 1_500, 2_000]],
])("a scale up to %i stands at whole numbers", (highest, ticks) => {
  expect(ticksTo(highest)).toEqual(ticks);
});

it("is written for its owner alone, and says that it replaced one", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "report.html");
  expect(await writeReport(file, "one")).toBe(false);
  expect(await writeReport(file, "two")).toBe(true);
  expect(readFileSync(file, "utf8")).toBe("two");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const missing = join(folder.path, "nowhere", "report.html");
  await expect(writeReport(missing, "three")).rejects.toThrow(/cannot be written: there is no such folder/);
  expect(existsSync(missing)).toBe(false);
});
