import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { generateMasterKey } from "../../../infrastructure/crypto/key-ring.ts";
import { addReplayCommand } from "../../../interfaces/cli/replay/index.ts";
import { demoClient, refreshForm, tokensBy } from "../../support/code-flow.ts";
import { mcpTokens } from "../../support/mcp.ts";
import { type RedisServer, startRedisServer } from "../../support/redis-server.ts";
import { bearer } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { runCli } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const folder = temporaryFolder();
const dataDir = join(folder.path, "data");
let server: TestServer;
let redis: RedisServer;
let end: bigint;

beforeAll(async () => {
  const masterKey = generateMasterKey();
  mkdirSync(dataDir, { mode: 0o700 });
  server = await startTestServer({ ephemeral: false, dataDir, masterKey });
  writeFileSync(join(dataDir, "master.key"), masterKey, { mode: 0o600 });
  redis = await startRedisServer();
  for (const name of ["alice", "bob"]) {
    const { access_token, refresh_token } = await mcpTokens(server, name);
    const client = demoClient(server);
    const next = await tokensBy(server, refreshForm(client, refresh_token));
    await tokensBy(server, refreshForm(client, refresh_token));
    await tokensBy(server, refreshForm(client, next.refresh_token));
    await fetch(`${server.address}/mcp/session/create`, { method: "POST", headers: bearer(access_token) });
  }
  end = await server.runtime.store.lastPosition();
});
afterAll(async () => {
  await redis[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** Runs the command in this process; what it throws is told by its words. */
async function replay(...args: readonly string[]) {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addReplayCommand(program);
  const lines: string[] = [];
  const print = vi.spyOn(console, "log").mockImplementation((line: unknown) => void lines.push(String(line)));
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    await program.parseAsync(["replay", ...args, "--data-dir", dataDir], { from: "user" });
    return { code: process.exitCode ?? 0, output: lines.join("\n") };
  } catch (error) {
    const { name, message } = error as Error;
    return { code: name, output: message };
  } finally {
    process.exitCode = before;
    print.mockRestore();
  }
}

async function facts(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, output } = await replay(...args, "--json");
  expect({ code, output }).toMatchObject({ code: 0 });
  return JSON.parse(output);
}

const policyFile = (policy: object): string => {
  const file = join(folder.path, "policy.json");
  writeFileSync(file, JSON.stringify(policy));
  return file;
};

describe("dacapo replay", () => {
  it("finds that a running server's read models are what the log says", async () => {
    const { code, stdout, stderr } = await runCli(["replay", "--json", "--data-dir", dataDir]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { position, differences, compared } = JSON.parse(stdout);
    expect({ position, differences }).toEqual({ position: String(end), differences: 0 });
    expect(compared).toMatchObject({ grants: 2, sessions: 4 });
  });

  it("tells what somebody changed, and ends with 3", async () => {
    const db = new DatabaseSync(join(dataDir, "read-models.db"));
    const [row] = db.prepare("SELECT id, data FROM documents WHERE collection = 'grants'").all();
    const grant = JSON.parse(String(row?.data));
    const set = (document: object) =>
      db.prepare("UPDATE documents SET data = ? WHERE id = ?").run(JSON.stringify(document), String(row?.id));
    set({ ...grant, scope: ["read", "write", "admin"] });
    const { code, output } = await replay();
    set(grant);
    db.close();
    expect(code).toBe(3);
    expect(output).toContain(`grants/${row?.id} differs in scope[2] (folded nothing, live "admin")`);
    expect(output).toContain("Differences: 1");
  });

  it("folds the past without comparing", async () => {
    const { position, events, documents } = await facts("--to", "5");
    expect({ position, events }).toEqual({ position: "5", events: 5 });
    expect(documents).toMatchObject({ grants: 0 });
    expect(await facts("--at", "2020-01-01")).toMatchObject({ position: "0", events: 0 });
    expect(await facts("--at", new Date().toISOString())).toMatchObject({ differences: 0 });
  });

  it.each([
    [["--to", "999999"], /^The log ends at position \d+: there is no 999999 yet/],
    [["--to", "x"], /It must be a position/],
    [["--at", "2999-01-01T00:00Z"], /still to come/],
    [["--at", "2026-01-01T00:00"], /with its zone/],
    [["--to", "1", "--at", "2026-01-01"], /cannot be used with/],
    [["--since", "2026-01-01"], /go with --what-if/],
  ])("refuses %j as wrong use", async (args, words) => {
    const { code, output } = await replay(...args);
    expect(code).toMatch(/^(InvalidArgumentError|CommanderError)$/);
    expect(output).toMatch(words);
  });
});

describe("dacapo replay --into", () => {
  it.each(["a file", "a Redis"])("fills %s, and goes on there", async (place) => {
    const into = place === "a file" ? join(folder.path, "then.db") : `${redis.url}/1`;
    expect(await facts("--into", into, "--to", "9")).toMatchObject({ taken_up_at: "0", events: 9 });
    const { taken_up_at, position, documents } = await facts("--into", into);
    expect({ taken_up_at, position }).toEqual({ taken_up_at: "9", position: String(end) });
    expect(documents).toMatchObject({ grants: 2, sessions: 4 });
    expect(await replay("--into", into, "--to", "9")).toMatchObject({ code: "CommandError" });
  });

  it("leaves alone what is not its own", async () => {
    await redis.call("SET", "somebody", "else");
    const notADatabase = policyFile({});
    for (const into of [join(dataDir, "read-models.db"), notADatabase, redis.url])
      expect(await replay("--into", into)).toEqual({
        code: "CommandError",
        output: expect.stringContaining("was not begun by a replay of this log"),
      });
    expect(await redis.call("DBSIZE")).toBe(1);
    expect(existsSync(`${notADatabase}-wal`)).toBe(false);
  });

  it("refuses a Redis URL that is none, without a password that it holds", async () => {
    const { code, output } = await replay("--into", "redis://:hunter2@host:x/1");
    expect(code).toBe("InvalidArgumentError");
    expect(output).toMatch(/^The Redis URL names/);
    expect(output).not.toContain("hunter2");
  });

  it("leaves alone what answers requests by now", async () => {
    const file = join(folder.path, "served.db");
    await facts("--into", file, "--to", "9");
    const db = new DatabaseSync(file);
    db.exec("UPDATE builds SET heartbeat = 1");
    db.close();
    expect(await replay("--into", file)).toMatchObject({
      code: "CommandError",
      output: expect.stringContaining("answer the requests of a server"),
    });
  });
});

describe("dacapo replay --what-if", () => {
  it("refuses nothing of what a server did under its own policy", async () => {
    const own = {
      accessTokenExpireMinutes: 60,
      refresh_token_expire_days: 30,
      refreshTokenAbsoluteDays: 90,
      codeExpireSeconds: 60,
      refreshGraceSeconds: 10,
      sessionTtlMinutes: 30,
      sessionAbsoluteHours: 24,
      maxSessionsPerUser: 5,
      requirePkce: true,
    };
    const { decisions, rules, undecided } = await facts("--what-if", policyFile(own));
    expect({ rules, undecided }).toEqual({ rules: [], undecided: 0 });
    expect(decisions).toMatchObject({
      "sign-ins": { decided: 4, refused: 0 },
      grants: { decided: 2, refused: 0 },
      redemptions: { decided: 2, refused: 0 },
      refreshes: { decided: 6, refused: 0 },
    });
  });

  it("tells what another policy would have refused, and whom that would have hit", async () => {
    const file = policyFile({ allowPublicClients: false });
    const { rules, clients, users, refused } = await facts("--what-if", file, "--limit", "1");
    // Of each person: the grant, and the code, three refreshes and the MCP session that follow from it.
    expect(rules).toEqual([{ rule: "Public clients are not allowed", refused: 2, following: 10 }]);
    expect(clients).toEqual({ count: 1, most: [{ id: server.demo.clientId, refused: 12 }] });
    expect(users).toMatchObject({ count: 2 });
    expect(refused).toMatchObject([{ event: "grant.authorized", because_of: null }]);
    const { output } = await replay("--what-if", file);
    expect(output).toContain("Validations (each use of an access token) are not in the log");
    const later = await facts("--what-if", file, "--since", new Date().toISOString());
    expect(later).toMatchObject({ events: 0, rules: [] });
  });

  it.each([
    [
      { refreshTokenExpireDay: 1 },
      "refreshTokenExpireDay: there is no such member; did you mean refreshTokenExpireDays?",
    ],
    [{ remove_scope: ["x"] }, "remove_scope: there is no such member; did you mean removeScopes?"],
    [{ port: 1 }, "port: no recorded decision can be made again by it"],
    [{ codeExpireSeconds: 0 }, "codeExpireSeconds: got 0; must be a whole number from 1 to 600"],
    [{ removeScopes: "read" }, "removeScopes must be a list of scopes."],
    [[], "The policy must be a JSON object."],
  ])("refuses the policy %j", async (policy, words) => {
    expect(await replay("--what-if", policyFile(policy))).toEqual({
      code: "InvalidArgumentError",
      output: words,
    });
  });
});
