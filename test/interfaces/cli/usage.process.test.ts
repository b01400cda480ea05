import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { runCli } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const folder = temporaryFolder();
const data = join(folder.path, "data");
afterAll(() => folder[Symbol.dispose]());

it.each([
  [["nothing"], "error: unknown command 'nothing'"],
  [["serve", "--nothing"], "error: unknown option '--nothing'"],
  [["client", "create"], "error: required option '--name <name>' not specified"],
  [["user", "disable"], "error: missing required argument 'username'"],
  [
    ["client", "rotate-secret", "c_1", "--overlap", "soon"],
    "error: option '--overlap <duration>' argument 'soon' is invalid. It must be a duration such as 30m, 24h or 7d.",
  ],
])("tells %j once, as wrong use: exit code 2", async (args, sentence) => {
  const { code, stdout, stderr } = await runCli([...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.split("\n").filter((line) => line === sentence)).toHaveLength(1);
  expect(stderr).not.toContain("    at ");
});

it.each([["--help"], ["--version"]])("answers %s with exit code 0", async (flag) => {
  const { code, stdout, stderr } = await runCli([flag]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(flag === "--help" ? /^Usage: dacapo / : /^\d+\.\d+\.\d+\n$/);
});

it.each([
  ["a flag", ["--port", "many"], {}, '--port: got "many";'],
  [
    "the environment",
    [],
    { DACAPO_REFRESH_TOKEN_EXPIRE_DAYS: "-1" },
    'DACAPO_REFRESH_TOKEN_EXPIRE_DAYS: got "-1";',
  ],
  ["a bad issuer", ["--issuer", "http://auth.example"], {}, '--issuer: got "http://auth.example";'],
])("names the bad field of the configuration from %s", async (_, flags, env, line) => {
  const { code, stderr } = await runCli(["serve", "--data-dir", data, ...flags], { env });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The configuration is wrong\.\n/);
  expect(stderr).toContain(`\n${line}`);
  expect(stderr.trimEnd().split("\n")).toHaveLength(2);
  expect(readdirSync(folder.path)).not.toContain("data");
});

it("names a setting of the file that there is not", async () => {
  const file = join(folder.path, "dacapo.json");
  writeFileSync(file, JSON.stringify({ accessTokenMinutes: 5 }));
  const { code, stderr } = await runCli(["serve", "--data-dir", data, "--config", file]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      "The configuration is wrong.\naccessTokenMinutes: there is no such setting; did you mean accessTokenExpireMinutes?\n",
  });
});
