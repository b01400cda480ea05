import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createLog } from "../../../application/log.ts";
import type { EventStore } from "../../../application/ports/event-store.ts";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../../../infrastructure/crypto/secrets.ts";
import { openSqliteEventStore } from "../../../infrastructure/event-store/sqlite/index.ts";
import { runCli } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const bin = fileURLToPath(new URL("../../../interfaces/cli/bin.js", import.meta.url));

/** Resets the library this many times. */
async function grow(dataDir: string, times: number): Promise<void> {
  const secrets = createSecrets(parseKeyRing(readFileSync(join(dataDir, "master.key"), "utf8")));
  const store: EventStore = await openSqliteEventStore({ file: join(dataDir, "log.db") });
  const log = createLog(store, secrets);
  const event = { type: "library.reset", data: { library: { epoch: 1, resetAt: 1 } } };
  const metadata = { actor: "operator", correlationId: "test" };
  const { revision } = await log.last("library");
  await log.append(
    "library",
    Array.from({ length: times }, () => event),
    revision,
    metadata,
  );
  await store.close();
}

it("ships what is new and nothing twice, however it was stopped, and a reveal is in the log first", async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  writeFileSync(join(dataDir, "master.key"), generateMasterKey(), { mode: 0o600 });
  await grow(dataDir, 3);
  const out = join(dataDir, "audit.ndjson");
  const cursorFile = join(dataDir, "audit.cursor");
  const places = ["--data-dir", dataDir, "--out", out, "--cursor-file", cursorFile];
  const lines = () => readFileSync(out, "utf8").split("\n").slice(0, -1);
  const revisions = () => lines().map((line) => JSON.parse(line).revision);

  // A follower ships what is there and what comes, and is killed.
  const args = [bin, "audit", "export", "--format", "ndjson", "--follow", ...places];
  const follower = spawn(process.execPath, args, { timeout: 60_000, stdio: ["ignore", "ignore", "pipe"] });
  let told = "";
  follower.stderr.on("data", (chunk: Buffer) => {
    told += chunk;
  });
  const shipped = async (holds: () => boolean) => {
    while (!holds()) {
      if (follower.exitCode !== null) throw new Error(`the follower ended: ${told}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await shipped(() => existsSync(cursorFile));
  await grow(dataDir, 2);
  await shipped(() => lines().length === 5 && readFileSync(cursorFile, "utf8").endsWith(".5\n"));
  follower.kill("SIGKILL");
  await once(follower, "close");

  // What it had not finished is taken away and comes again.
  appendFileSync(out, '{"cursor":"half a li');
  await grow(dataDir, 1);
  const next = await runCli(["audit", "export", "--format", "ndjson", ...places]);
  expect(next).toMatchObject({ code: 0, stdout: "", stderr: expect.stringMatching(/^1 record\. .*\.6\n$/) });
  expect(revisions()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(readFileSync(cursorFile, "utf8")).toMatch(/^c\w{8}\.6\n$/);

  // The header, the reveal itself and nothing else.
  const reveal = ["--reveal", "--reason", "An incident", "--types", "audit."];
  const revealed = await runCli(["audit", "export", "--format", "csv", "--data-dir", dataDir, ...reveal]);
  expect(revealed.stdout.split("\r\n").map((line) => line.split(",").slice(1, 4))).toEqual([
    ["time", "type", "actor"],
    [expect.any(String), "audit.revealed", "operator"],
    [],
  ]);
});
