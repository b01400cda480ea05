import { expect, it } from "vitest";
import { csvWriter } from "../../../../application/audit/export/csv.ts";
import { golden, recordFrom, recordOfType, storedAs } from "./records.ts";

const writer = csvWriter({ reveals: false });
const revealing = csvWriter({ reveals: true });

/** A line as its cells (RFC 4180 §2). */
const cellsOf = (line: string): readonly string[] =>
  [...line.replace(/\r\n$/, "").matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );

/** The cell under this name. */
function cellOf(line: string, name: string, { header } = writer): string | undefined {
  return cellsOf(line)[cellsOf(header).indexOf(name)];
}

it("says who, what and for what, each in its own column", () => {
  const line = writer.line(recordOfType("grant.refresh_token.reused"));
  const named = Object.fromEntries(cellsOf(writer.header).map((name) => [name, cellOf(line, name)]));
  expect(named).toMatchObject({
    cursor: expect.stringMatching(/^c\w{8}\.7$/),
    time: "2026-03-01T14:03:00.000Z",
    type: "grant.refresh_token.reused",
    actor: "user:u_AZuF2jQAcAGAAAAAAAAAAg",
    client_id: "c_AZuF2jQAcAGAAAAAAAAAAQ",
    user_id: "u_AZuF2jQAcAGAAAAAAAAAAg",
    grant_id: "AZuF2jQAcAGAAAAAAAAAAA",
    scope: "read write",
    resource: "https://mcp.example/mcp",
    outcome: "failure",
    request_id: "request-1",
    revision: "0",
  });
});

it.each(golden)("$type version $version is one line with a cell for each column", (event) => {
  const line = writer.line(recordFrom(storedAs(event)));
  expect(line.match(/[\r\n]+/g)).toEqual(["\r\n"]);
  expect(cellsOf(line)).toHaveLength(18);
});

it.each([
  ["=HYPERLINK(1)", "'=HYPERLINK(1)"],
  ["+1", "'+1"],
  ["-1", "'-1"],
  ["@SUM", "'@SUM"],
  ["\tx", "'\tx"],
  ["\r=x", "' =x"],
  ['a "b", c', 'a "b", c'],
  ["line\nline", "line line"],
])("a user agent of %j reads as %j", (agent, read) => {
  const line = revealing.line(recordOfType("session.started", {}, { agent }));
  expect(cellOf(line, "user_agent", revealing)).toBe(read);
  expect(cellOf(line, "revealed", revealing)).toBe("true");
  expect(cellsOf(line)).toHaveLength(22);
});
