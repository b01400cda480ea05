import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { generateMasterKey } from "../../../infrastructure/crypto/key-ring.ts";
import { runCli } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const dataDir = join(folder.path, "data");
const keyFile = join(folder.path, "master.key");
const file = join(folder.path, "dacapo.json");
const erasureList = join(folder.path, "erasures.ndjson");
writeFileSync(keyFile, generateMasterKey(), { mode: 0o600 });
const storage = { dataDir, masterKeyFile: keyFile, erasureList };
writeFileSync(file, JSON.stringify({ storage, network: { trustProxy: ["127.0.0.1"] } }));

const check = (args: readonly string[], env: Record<string, string> = {}) =>
  runCli(["config", "check", "--config", file, ...args], { env });

it("says that all is right: exit code 0", async () => {
  const { code, stdout, stderr } = await check(["--strict"], { DACAPO_ISSUER: "https://auth.example.com" });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toBe(
    "The configuration is right, and nothing in it is unsafe. Log and read models were not asked.\n",
  );
});

it("tells what is unsafe, why, and what to do: exit code 0, 3 with --strict; makes no key and no folder", async () => {
  const { code, stdout } = await check(["--demo", "--no-worker"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Unsafe in production: \d\.\n\ndemo: set to yes\n {2}why {2}\S.*\n {2}do {3}\S/);
  const strict = await check(["--strict", "--json", "--log-level", "debug"], {
    DACAPO_ISSUER: "https://auth.example.com",
  });
  expect(strict.code).toBe(3);
  expect(JSON.parse(strict.stdout)).toEqual({
    errors: [],
    warnings: [{ setting: "logLevel", set: "debug", danger: expect.any(String), advice: expect.any(String) }],
  });
  expect(readdirSync(folder.path).sort()).toEqual(["dacapo.json", "master.key"]);
});

it("tells that others may read the master key", async () => {
  chmodSync(keyFile, 0o644);
  const { stdout } = await check(["--json"], { DACAPO_ISSUER: "https://auth.example.com" });
  chmodSync(keyFile, 0o600);
  expect(JSON.parse(stdout).warnings).toMatchObject([
    { setting: "masterKeyFile", set: `${keyFile}, which has the mode 644` },
  ]);
});

it("tells all that is wrong, from every source, and what is unsafe beside it: exit code 1", async () => {
  const secret = "hunter2hunter2";
  const env = { DACAPO_RATELIMIT: "no", DACAPO_REDIS_URL: `redis:/${secret}` };
  const { code, stdout } = await check(["--json", "--strict", "--port", "many"], env);
  expect(code).toBe(1);
  expect(stdout).not.toContain(secret);
  const { errors, warnings } = JSON.parse(stdout);
  expect(errors.map(({ field }: { field: string }) => field).sort()).toEqual([
    "--port",
    "DACAPO_RATELIMIT",
    "DACAPO_REDIS_URL",
  ]);
  expect(warnings.map(({ setting }: { setting: string }) => setting)).toEqual(["issuer"]);
});

it("tells that there is no master key, where serve would not start: exit code 1", async () => {
  const { code, stdout } = await check(["--json", "--master-key-file", join(folder.path, "none")]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout).errors).toEqual([
    { field: "masterKeyFile", message: `there is no file ${join(folder.path, "none")}` },
  ]);
});

it("tells that the master key cannot be read, where it is a folder: exit code 1", async () => {
  const { code, stdout } = await check(["--json", "--master-key-file", folder.path]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout).errors).toEqual([
    { field: "masterKeyFile", message: expect.stringContaining(`cannot read ${folder.path}: EISDIR`) },
  ]);
});
