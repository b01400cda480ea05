import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const docs = join(dirname(fileURLToPath(import.meta.url)), "../../docs");
const text = readFileSync(join(docs, "security.md"), "utf8");
const files = new Map(
  [...text.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, label = "", file = ""]) => [label, file]),
);

/** The labels of the links in a text: `[label][]` and `[words][label]`. */
const labelsIn = (line: string): readonly string[] =>
  [...line.matchAll(/\[([^\]]+)\]\[([^\]]*)\]/g)].map(([, words = "", label = ""]) => label || words);

const rows = Array.from({ length: 20 }, (_, index) => index + 1);

/** The sections of RFC 9700 that recommend something. */
const sections = [
  ..."2.1 2.1.1 2.1.2 2.2.1 2.2.2 2.3 2.4 2.5 2.6".split(" "),
  ...Array.from({ length: 17 }, (_, index) => `4.${index + 1}`),
];

describe("docs/security.md", () => {
  it.each(rows)("row %i names a file with tests that begin with it", (row) => {
    const line = new RegExp(`^\\| ${row} .*$`, "m").exec(text)?.[0] ?? "";
    const title = new RegExp(`(?:describe|it)\\(\\s*"row ${row}\\b`);
    const tests = labelsIn(line).map((label) => readFileSync(join(docs, files.get(label) ?? ""), "utf8"));
    expect(tests.filter((test) => title.test(test)).length, line).toBeGreaterThan(0);
  });

  it.each(sections)("says of RFC 9700 §%s whether it is kept", (section) => {
    const lines = text.split("\n").filter((line) => line.startsWith(`| ${section} `));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line.split("|")[3]?.trim()).not.toBe("");
  });

  it("links to what is there, and to nothing twice or in vain", () => {
    const used = labelsIn(text);
    expect(used.filter((label) => !files.has(label))).toEqual([]);
    expect([...files.keys()].filter((label) => !used.includes(label))).toEqual([]);
    expect([...files.values()].filter((file) => !existsSync(join(docs, file)))).toEqual([]);
    expect(new Set(files.values()).size).toBe(files.size);
  });

  it("names no row that is not there", () => {
    const named = [...text.matchAll(/\brows? (\d+)/g)].map(([, row]) => Number(row));
    expect(named.filter((row) => !rows.includes(row))).toEqual([]);
  });
});
