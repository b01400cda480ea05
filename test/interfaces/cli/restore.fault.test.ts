import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keepLeaves } from "../../../application/audit/proof/keep-leaves.ts";
import { createLog } from "../../../application/log.ts";
import { openKeptLeaves } from "../../../infrastructure/audit/kept-leaves.ts";
import { createBackup } from "../../../infrastructure/backup/create.ts";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../../../infrastructure/crypto/secrets.ts";
import { openSqliteEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { factsOf } from "../../support/command-output.ts";
import { runCli } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const bin = fileURLToPath(new URL("../../../interfaces/cli/bin.js", import.meta.url));
const users = 500;
const key = generateMasterKey();
const env = { NODE_ENV: "test", DACAPO_MASTER_KEY: key };
const folder = temporaryFolder();
const backup = join(folder.path, "backup");
afterAll(() => folder[Symbol.dispose]());

/** A backup of a log of so many users. */
beforeAll(async () => {
  const dataDir = folder.path;
  const store = await openSqliteEventStore({ file: join(dataDir, "log.db") });
  const leaves = openKeptLeaves(join(dataDir, "checkpoints", store.logId, "leaves.db"));
  const log = createLog(store, createSecrets(parseKeyRing(key)));
  const metadata = { actor: "operator", correlationId: "test" };
  const register = (index: number) => {
    const userId = `u_${String(index).padStart(22, "0")}`;
    const secret = { username: "sealed", usernameIndex: "i".repeat(43), passwordHash: "$argon2id$" };
    const user = { userId, ...secret, scopes: [], epoch: 0, status: "active", registeredAt: 1 };
    return log.append(`user-${userId}`, [{ type: "user.registered", data: { user } }], -1, metadata);
  };
  await Promise.all(Array.from({ length: users }, (_, index) => register(index)));
  await keepLeaves({ store, leaves });
  await leaves.close();
  await store.close();
  const options = {
    dataDir,
    archiveDir: join(dataDir, "archive"),
    version: "0.0.0",
    clock: { now: () => 1 },
  };
  await createBackup(backup, { ...options, progress: () => undefined });
});

/** How often a log was restored, and how many users were signed out. */
function stateOf(dataDir: string) {
  const db = new DatabaseSync(join(dataDir, "log.db"), { readOnly: true });
  try {
    const types = db.prepare("SELECT count(*) AS count FROM events WHERE type = ?");
    const count = (type: string) => Number(types.get(type)?.count);
    return { restores: count("log.restored"), ended: count("user.signed_out_everywhere") };
  } finally {
    db.close();
  }
}

const restore = (dataDir: string) => runCli(["restore", backup, "--data-dir", dataDir], { env });
const isServed = (dataDir: string) => existsSync(join(dataDir, "log.db"));
async function untilThere(path: string): Promise<void> {
  while (!existsSync(path)) await sleep(1);
}
const whole = { restores: 1, ended: users };

/** Runs a restore, which is killed then. */
async function killed(dataDir: string, when: () => Promise<unknown>): Promise<void> {
  const child = spawn(process.execPath, [bin, "restore", backup, "--data-dir", dataDir], {
    env: { ...process.env, ...env },
    stdio: "ignore",
  });
  const ended = once(child, "close");
  await Promise.race([ended, when()]);
  child.kill("SIGKILL");
  await ended;
}

it("a restore that is killed anywhere leaves no log or all of one, and can be run again", {
  timeout: 120_000,
}, async () => {
  const begun = performance.now();
  expect((await restore(join(folder.path, "whole"))).code).toBe(0);
  const duration = performance.now() - begun;
  for (let run = 0; run < 8; run += 1) {
    const dataDir = join(folder.path, `run-${run}`);
    // Half of them anywhere, half of them near the end.
    const after = duration * (run < 4 ? Math.random() : 0.7 + 0.4 * Math.random());
    await killed(dataDir, () => sleep(after));
    if (isServed(dataDir)) expect(stateOf(dataDir)).toEqual(whole);
  }
});

it("a restore that was killed keeps an empty log from being made in its place, until it is run again", {
  timeout: 60_000,
}, async () => {
  const dataDir = join(folder.path, "stopped");
  await killed(dataDir, () => untilThere(join(dataDir, "restoring", "staged", "log.db")));
  expect(isServed(dataDir)).toBe(false);
  const refused = await runCli(["user", "list", "--data-dir", dataDir], { env });
  expect(refused.stderr).toContain("a log is being restored there, or that was stopped");
  // Not after one that fails, or only looks, either.
  const mistyped = await runCli(["restore", join(folder.path, "nothing"), "--data-dir", dataDir], { env });
  expect(mistyped.code).toBe(1);
  expect((await runCli(["restore", "--check", backup, "--data-dir", dataDir], { env })).code).toBe(0);
  expect((await runCli(["user", "list", "--data-dir", dataDir], { env })).stderr).toBe(refused.stderr);
  expect((await restore(dataDir)).code).toBe(0);
  expect(stateOf(dataDir)).toEqual(whole);
  expect(readdirSync(dataDir)).not.toContain("restoring");
  const verified = await runCli(["audit", "verify", "--data-dir", dataDir, "--json"], { env });
  expect(factsOf(verified)).toMatchObject({ findings_in_all: 0 });
});

it("a log that somebody makes while one is restored is not written over", { timeout: 60_000 }, async () => {
  const dataDir = join(folder.path, "raced");
  const restored = restore(dataDir);
  await untilThere(join(dataDir, "restoring", "staged"));
  writeFileSync(join(dataDir, "log.db"), "another");
  expect(await restored).toMatchObject({ code: 1, stderr: expect.stringContaining("There is a log in") });
  expect(readdirSync(dataDir)).toEqual(["log.db"]);
});
