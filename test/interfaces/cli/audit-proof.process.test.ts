import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { factsOf } from "../../support/command-output.ts";
import { runCli, startServer } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

it("a server leaves a signed checkpoint behind, by which its log is verified, an event proven, and tampering found", async () => {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const [dataDir, outside, proofFile] = ["data", "outside.txt", "event.tlog-proof"].map((name) =>
    join(folder.path, name),
  ) as [string, string, string];
  const server = await startServer({ dataDir, flags: ["--checkpoint-to", outside] });
  expect(await server.stop()).toBe(0);
  const audit = (...args: readonly string[]) => runCli(["audit", ...args, "--data-dir", dataDir]);

  const [logId = ""] = readdirSync(join(dataDir, "checkpoints"));
  const kept = readFileSync(join(dataDir, "checkpoints", logId, "00000001.checkpoint"), "utf8");
  expect(readFileSync(outside, "utf8")).toBe(kept);

  const key = (await audit("key")).stdout.trim();
  const verified = factsOf(await audit("verify", "--trusted", outside, "--key", key, "--json"));
  expect(verified).toMatchObject({
    findings_in_all: 0,
    checkpoints_compared: 2,
    events_under_no_checkpoint: 0,
  });

  expect((await audit("prove", "2", "--out", proofFile)).stderr).toContain(proofFile);
  const elsewhere = { env: { DACAPO_DATA_DIR: "/nonexistent", DACAPO_MASTER_KEY: "" } };
  const holds = await runCli(["audit", "verify-proof", proofFile, "--key", key, "--json"], elsewhere);
  expect(factsOf(holds)).toMatchObject({
    proof: "holds",
    checkpoint: 1,
    log: `dacapo/log/${logId}`,
    leaf: 1,
  });
  writeFileSync(proofFile, readFileSync(proofFile, "utf8").replace("index 1", "index 2"));
  const broken = await runCli(["audit", "verify-proof", proofFile, "--key", key], elsewhere);
  expect(broken).toMatchObject({ code: 3, stderr: expect.stringContaining("The proof does not hold") });
  const db = new DatabaseSync(join(dataDir, "log.db"));
  db.exec("UPDATE events SET metadata = replace(metadata, 'operator', 'somebody') WHERE position = 2");
  db.close();
  const found = await audit("verify");
  expect(found).toMatchObject({
    code: 3,
    stdout: expect.stringContaining("changed: the event at position 2"),
  });

  rmSync(join(dataDir, "checkpoints"), { recursive: true });
  expect(await audit("checkpoint", "--checkpoint-to", outside)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Checkpoint 1, which lies in the place outside, is not the one"),
  });
  expect(readFileSync(outside, "utf8")).toBe(kept);
});
