import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factsOf } from "../../support/command-output.ts";
import { startEventStoreDouble } from "../../support/eventstore-double/index.ts";
import { Person } from "../../support/person.ts";
import { accessTokenOf, clientCredentials, isActive, tokensOf } from "../../support/process-client.ts";
import { startRedisServer } from "../../support/redis-server.ts";
import { postForm } from "../../support/requests.ts";
import { type CliResult, runCli, type ServerProcess, startServer } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** The key ids that are published. */
async function kidsOf({ issuer }: ServerProcess): Promise<readonly string[]> {
  const response = await fetch(`${issuer}/auth/jwks`);
  return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
}

const kidOf = (jwt: string): string =>
  JSON.parse(Buffer.from(jwt.split(".")[0] ?? "", "base64url").toString()).kid;

const refresh = ({ issuer, clientId }: ServerProcess, token: string) =>
  postForm(`${issuer}/auth/token`, {
    grant_type: "refresh_token",
    refresh_token: token,
    client_id: clientId,
  });

/** The events of a log, up to a position. */
function eventsIn(dataDir: string, position: string): readonly unknown[] {
  const db = new DatabaseSync(join(dataDir, "log.db"), { readOnly: true });
  try {
    return db.prepare("SELECT * FROM events WHERE position <= ? ORDER BY position").all(Number(position));
  } finally {
    db.close();
  }
}

/** Moves a log out of its data folder, as an operator does before a restore. */
function moveAway(dataDir: string, aside: string): void {
  mkdirSync(aside);
  for (const name of readdirSync(dataDir).filter((file) => file.startsWith("log.db")))
    renameSync(join(dataDir, name), join(aside, name));
}

describe.each(["SQLite", "Redis"])("a log that is restored, with its read models in %s", (models) => {
  const folder = temporaryFolder();
  const [dataDir, backup] = ["data", "backup"].map((name) => join(folder.path, name)) as [string, string];
  let redis: Awaited<ReturnType<typeof startRedisServer>> | undefined;
  let server: ServerProcess;
  let port: number;
  let tokens: Awaited<ReturnType<typeof tokensOf>>;
  let lost: string;
  let machine: { id: string; secret: string; token: string };
  let before: readonly string[];
  let made: Readonly<Record<string, string>>;
  let copied: readonly unknown[];
  let restored: CliResult;
  const flags = () => (redis ? ["--redis-url", redis.url] : []);
  const cli = (...args: readonly string[]) =>
    runCli([
      ...args,
      "--data-dir",
      dataDir,
      "--port",
      String(port),
      ...(args[0] === "backup" ? [] : flags()),
    ]);

  beforeAll(async () => {
    redis = models === "Redis" ? await startRedisServer() : undefined;
    server = await startServer({ dataDir, flags: [...flags(), "--rate-limit", "no"] });
    port = Number(new URL(server.issuer).port);
    const app = factsOf(await cli("client", "create", "--name", "App", "--type", "confidential", "--json"));
    const [id, secret] = [app.client_id ?? "", app.client_secret ?? ""];
    machine = { id, secret, token: await accessTokenOf(await clientCredentials(server, id, secret)) };
    tokens = await tokensOf(server, "alice");
    before = await kidsOf(server);
    factsOf(await cli("audit", "checkpoint", "--json"));

    const writing = new AbortController();
    const written = (async () => {
      for (let count = 0; ; count += 1) {
        if (writing.signal.aborted) return count;
        expect((await clientCredentials(server, id, secret)).status).toBe(200);
      }
    })();
    await sleep(200);
    made = factsOf(await runCli(["backup", backup, "--data-dir", dataDir, "--json"]));
    writing.abort();
    expect(await written).toBeGreaterThan(5);
    copied = eventsIn(dataDir, made.position ?? "");

    // What is done after the backup, and lost with it.
    await postForm(`${server.issuer}/auth/revoke`, {
      token: tokens.refresh_token,
      client_id: server.clientId,
    });
    factsOf(await cli("user", "erase", "bob", "--yes", "--json"));
    lost = (await tokensOf(server, "admin")).access_token;
    await server.stop();
    moveAway(dataDir, join(folder.path, "before"));
    restored = await cli("restore", backup, "--json");
  }, 60_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  it("was the log up to its position while others wrote", () => {
    expect(Number(made.events)).toBeGreaterThan(10);
    expect(eventsIn(backup, made.position ?? "")).toEqual(copied);
  });

  it("is verified, is another log, and says what is not known", async () => {
    expect(restored).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("that were disabled are active again"),
    });
    expect(restored.stderr.includes("Redis still holds")).toBe(models === "Redis");
    const facts = factsOf(restored);
    expect(facts).toMatchObject({
      ...{ backup_of: made.log_id, position: made.position, signing_keys: "replaced" },
      ...{ users_signed_out: 3, clients_ended: 2, users_erased_again: 1, checkpoint: 1 },
    });
    expect(facts.log_id).not.toBe(made.log_id);
    const verified = factsOf(await cli("audit", "verify", "--json"));
    expect(verified).toMatchObject({
      findings_in_all: 0,
      events_not_yet_kept: 0,
      events_under_no_checkpoint: 0,
    });
    expect(readdirSync(dataDir)).not.toContain("restoring");
    expect(readdirSync(join(dataDir, "checkpoints"))).toEqual([facts.log_id]);
    expect(readdirSync(join(dataDir, "checkpoints-before"))).toEqual([made.log_id]);
  });

  it("revives nothing: no token, session or key of before, nor of what was lost", async () => {
    server = await startServer({ dataDir, port, flags: flags() });
    for (const token of [tokens.access_token, machine.token, lost])
      expect(await isActive(server, token)).toBe(false);
    const refreshed = await refresh(server, tokens.refresh_token ?? "");
    expect([refreshed.status, await refreshed.json()]).toEqual([
      400,
      expect.objectContaining({ error: "invalid_grant" }),
    ]);
    const now = await kidsOf(server);
    expect(now).toHaveLength(2);
    for (const kid of before) expect(now).not.toContain(kid);
    expect(before).toContain(kidOf(tokens.access_token));
  });

  it("lets people and clients begin anew, and nobody who was erased since", async () => {
    const fresh = await tokensOf(server, "alice");
    expect(await isActive(server, fresh.access_token)).toBe(true);
    expect((await refresh(server, fresh.refresh_token ?? "")).status).toBe(200);
    const own = await accessTokenOf(await clientCredentials(server, machine.id, machine.secret));
    expect(await isActive(server, own)).toBe(true);
    expect((await new Person(server.issuer).signIn("bob")).status).toBe(401);
  });

  // The rest has nothing to do with read models.
  it.runIf(models === "SQLite")(
    "says why an old token is dead, and of one that was lost that it may have been",
    async () => {
      const explain = (token: string) =>
        runCli(["audit", "explain", "--token", "-", "--data-dir", dataDir, "--port", String(port)], {
          input: token,
        });
      const old = await explain(tokens.access_token);
      expect(old.stdout).toMatch(/^Not active /);
      expect(old.stdout).toMatch(/all that the user had was ended: .*signed out everywhere/);
      expect(old.stdout).toMatch(
        /since the log had been restored: log: restored from a backup of .*; all sessions and tokens from before were ended \[restores@0\]/,
      );
      expect((await explain(lost)).stdout).toMatch(
        /what was issued after the backup and before the restore is not in this log: log: restored/,
      );
      const timeline = await cli("audit", "timeline", "--user", "alice");
      expect(timeline.stdout).toMatch(/restores@0 .* log: restored from a backup of/);
    },
  );

  it.runIf(models === "SQLite")(
    "leaves a backup that proves the old history by itself, and can be checked again",
    async () => {
      const key = join(dataDir, "master.key");
      const args = ["--data-dir", backup, "--master-key-file", key, "--json"];
      const checked = await cli("restore", backup, "--check", "--json");
      expect(factsOf(checked)).toMatchObject({ backup: "whole", findings_in_all: 0 });
      expect(factsOf(await runCli(["audit", "verify", ...args]))).toMatchObject({
        ...{ findings_in_all: 0, checkpoints_compared: 1 },
      });
      expect((await cli("restore", backup)).stderr).toMatch(
        /^There is a log in .* already \(log\.db.*\)\. Stop every serve and worker and move log\.db\* elsewhere/,
      );
    },
  );
});

describe("a restore", () => {
  const folder = temporaryFolder();
  const backup = join(folder.path, "backup");
  const key = join(folder.path, "master.key");
  let server: ServerProcess;
  let port: string;
  let token: string;
  beforeAll(async () => {
    const dataDir = join(folder.path, "first");
    server = await startServer({ dataDir });
    port = new URL(server.issuer).port;
    cpSync(join(dataDir, "master.key"), key);
    const { access_token, refresh_token } = await tokensOf(server, "alice");
    token = access_token;
    factsOf(await server.cli(["audit", "checkpoint", "--json"]));
    factsOf(await server.cli(["user", "erase", "bob", "--yes", "--json"]));
    factsOf(await runCli(["backup", backup, "--data-dir", dataDir, "--json"]));
    await postForm(`${server.issuer}/auth/revoke`, { token: refresh_token, client_id: server.clientId });
    await server.stop();
  }, 60_000);
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const restore = (dataDir: string, ...args: readonly string[]) =>
    runCli([
      "restore",
      args[0] ?? backup,
      "--data-dir",
      dataDir,
      "--port",
      port,
      "--master-key-file",
      key,
      ...args.slice(1),
    ]);

  it("that keeps grants revives them, and warns", async () => {
    const dataDir = join(folder.path, "kept");
    const kept = await restore(dataDir, backup, "--keep-grants", "--json");
    expect(kept.stderr).toMatch(
      /^All that was ended after the backup was made is alive again: tokens that were revoked/,
    );
    expect(factsOf(kept)).toMatchObject({ users_signed_out: 0, signing_keys: "kept", checkpoint: 1 });
    const verified = await runCli([
      "audit",
      "verify",
      "--data-dir",
      dataDir,
      "--master-key-file",
      key,
      "--json",
    ]);
    // The leaves of bob's events went along.
    expect(factsOf(verified)).toMatchObject({ findings_in_all: 0, events_removed_for_good_reason: 4 });
    cpSync(key, join(dataDir, "master.key"));
    cpSync(join(folder.path, "first", "demo.json"), join(dataDir, "demo.json"));
    await using again = await startServer({ dataDir, port: Number(port) });
    expect(await isActive(again, token)).toBe(true);

    const refused = await again.cli(["store", "new-epoch"]);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      "This ends every session and token and replaces the signing keys at once. Say --yes to go on.\n",
    ]);
    const [kid] = await kidsOf(again);
    expect(factsOf(await again.cli(["store", "new-epoch", "--yes", "--json"]))).toMatchObject({
      users_signed_out: 2,
      clients_ended: 1,
      signing_keys: "replaced",
    });
    expect(await isActive(again, token)).toBe(false);
    expect(await kidsOf(again)).not.toContain(kid);
    expect(await isActive(again, (await tokensOf(again, "alice")).access_token)).toBe(true);
  });

  it("of a log that was tampered with is refused, with what was found, unless that is known", async () => {
    const tampered = join(folder.path, "tampered");
    cpSync(backup, tampered, { recursive: true });
    const db = new DatabaseSync(join(tampered, "log.db"));
    db.exec(
      "UPDATE events SET metadata = replace(metadata, 'operator', 'somebody') WHERE position = 2; PRAGMA wal_checkpoint(TRUNCATE)",
    );
    db.close();
    const dataDir = join(folder.path, "unsound");
    const { stderr: damaged } = await restore(dataDir, tampered);
    expect(damaged).toBe("Log.db is not what was backed up: it was changed or damaged.\n");
    const manifest = JSON.parse(readFileSync(join(tampered, "backup.json"), "utf8"));
    const bytes = readFileSync(join(tampered, "log.db"));
    manifest.files[0] = {
      name: "log.db",
      bytes: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    };
    writeFileSync(join(tampered, "backup.json"), JSON.stringify(manifest));
    const refused = await restore(dataDir, tampered);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("changed: the event at position 2 was changed");
    expect(refused.stderr).toContain("so nothing was restored");
    expect(readdirSync(dataDir)).toEqual([]);
    expect(await restore(dataDir, tampered, "--check")).toMatchObject({ code: 3 });
    expect(await restore(dataDir, tampered, "--despite-findings")).toMatchObject({ code: 0 });
  });

  it("needs the master key of the backup, and a backup", async () => {
    const dataDir = join(folder.path, "none");
    const other = { env: { DACAPO_MASTER_KEY: (await runCli(["keys", "generate-master"])).stdout.trim() } };
    const wrong = await runCli(["restore", backup, "--data-dir", dataDir], other);
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      "The configuration is wrong.\nmasterKey: is not the one that the data was written with\n",
    ]);
    const none = await restore(dataDir, folder.path);
    expect([none.code, none.stderr]).toEqual([1, `${folder.path} is no backup: it holds no backup.json.\n`]);
    expect(readdirSync(dataDir)).toEqual([]);
  });
});

it("a log in EventStoreDB is backed up by its own means, and gets a new epoch as it stands", async () => {
  await using double = await startEventStoreDouble();
  const env = { DACAPO_EVENTSTORE_URL: double.url };
  for (const args of [["backup"], ["restore"]])
    expect(await runCli([...args, "/nonexistent/backup"], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^A log in EventStoreDB is (backed up|restored) by that database's own means .*store new-epoch/,
      ),
    });
  await using server = await startServer({ env });
  const { access_token } = await tokensOf(server, "alice");
  const [kid] = await kidsOf(server);
  const args = ["store", "new-epoch", "--yes", "--json", "--data-dir", server.dataDir];
  const facts = factsOf(await runCli([...args, "--port", new URL(server.issuer).port], { env }));
  expect(facts).toMatchObject({ users_signed_out: 3, clients_ended: 1 });
  expect(await isActive(server, access_token)).toBe(false);
  expect(await kidsOf(server)).not.toContain(kid);
  expect(await isActive(server, (await tokensOf(server, "alice")).access_token)).toBe(true);
});

it("says where there is nothing to back up", async () => {
  using folder = temporaryFolder();
  const result = await runCli(["backup", join(folder.path, "b"), "--data-dir", folder.path]);
  expect(result).toMatchObject({ code: 1, stderr: `There is no log in ${folder.path}.\n` });
});
