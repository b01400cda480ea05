import { describe, expect, it } from "vitest";
import { momentOf } from "../../interfaces/audit/moment.ts";

describe("a moment", () => {
  it.each([
    ["2026-03-01T14:03Z", Date.UTC(2026, 2, 1, 14, 3)],
    ["2026-03-01T15:03:10.5+01:00", Date.UTC(2026, 2, 1, 14, 3, 10, 500)],
    ["2026-02-28T23:30-02:00", Date.UTC(2026, 2, 1, 1, 30)],
    ["2026-03-01", Date.UTC(2026, 2, 1)],
  ])("is %s", (text, time) => expect(momentOf(text)).toBe(time));

  it.each([
    "2026-03-01T14:03",
    "2026-02-30",
    "2026-02-30T10:00Z",
    "2026-13-01",
    "yesterday",
    "",
    "2026-03-01T25:00Z",
  ])("is not %j", (text) => expect(momentOf(text)).toBeUndefined());
});
