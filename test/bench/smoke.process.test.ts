import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Row } from "../../bench/measure.ts";

/** All but those beside other servers, which are not installed here, and the audit tooling, which has tests of its own. */
const cases = [
  ...["introspection", "introspection-redis", "token-requests", "old-families"],
  ...["live-tokens", "overload", "appends", "rebuild", "visibility"],
];

it("the benchmark runs, and every answer under its load is right", async () => {
  const main = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, ...cases, "--smoke", "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  expect(child.exitCode, stderr).toBe(0);
  const { rows } = JSON.parse(stdout) as { readonly rows: readonly Row[] };
  expect(rows.length).toBeGreaterThan(cases.length);
  for (const { name, ours } of rows) {
    expect(name).not.toBe("");
    expect(Number.isFinite(ours.value)).toBe(true);
  }
}, 180_000);
