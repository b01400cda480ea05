import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, expect, it } from "vitest";

/** A tree of its own under the project's own rules, so that breaking them breaks nothing here. */
const tree = mkdtempSync(join(tmpdir(), "dacapo-layers-"));
afterAll(() => rmSync(tree, { recursive: true, force: true }));
const rules = JSON.parse(readFileSync("biome.json", "utf8"));
writeFileSync(join(tree, "biome.json"), JSON.stringify({ ...rules, vcs: { enabled: false } }));

/** What a file at this path may not import or use, by the linter. */
function faults(path: string, source: string): readonly string[] {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${source}\n`);
  const { stdout, stderr } = spawnSync(resolve("node_modules/.bin/biome"), ["lint", path], {
    cwd: tree,
    encoding: "utf8",
  });
  rmSync(file);
  const printed = `${stdout}${stderr}`;
  expect(printed).toContain("Checked 1 file");
  return printed.match(/lint\/style\/noRestricted\w+/g) ?? [];
}

it.each([
  ["domain/oauth/x.ts", `export { sha256 } from "./hash.ts";`],
  ["domain/oauth/x.ts", `export { hash } from "node:crypto";`],
  ["application/x.ts", `export { accept } from "../domain/decider.ts";`],
  ["application/events/x.ts", `export { z } from "zod";`],
  ["infrastructure/x.ts", `export { RefusedError } from "../application/errors.ts";`],
  ["interfaces/compose.ts", `export { x } from "../infrastructure/jobs/in-process.ts";`],
])("%s may hold %s", (path, source) => {
  expect(faults(path, source)).toEqual([]);
});

it.each([
  ["domain/oauth/x.ts", `export { catalog } from "../../application/events/catalog.ts";`],
  ["domain/oauth/x.ts", `export { readFile } from "node:fs";`],
  ["domain/oauth/x.ts", `export { z } from "zod";`],
  ["domain/oauth/x.ts", "export const now = () => Date.now();"],
  ["application/x.ts", `export { z } from "zod";`],
  ["application/x.ts", `export { systemClock } from "../infrastructure/clock.ts";`],
  ["application/x.ts", "export const now = () => performance.now();"],
  ["infrastructure/x.ts", `export { compose } from "../interfaces/compose.ts";`],
  ["interfaces/http/x.ts", `export { x } from "../../infrastructure/event-store/sqlite/index.ts";`],
])("%s may not hold %s", (path, source) => {
  expect(faults(path, source)).not.toEqual([]);
});
