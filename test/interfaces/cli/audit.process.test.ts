import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { factsOf, rowsOf } from "../../support/command-output.ts";
import { tokensOf } from "../../support/process-client.ts";
import { postForm } from "../../support/requests.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";

const bin = fileURLToPath(new URL("../../../interfaces/cli/bin.js", import.meta.url));

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const audit = (args: readonly string[], input?: string) => server.cli(["audit", ...args], input);

it("shows what happened to a token family, by any of its tokens, and why it is good no more", async () => {
  const { access_token, refresh_token } = await tokensOf(server, "alice");
  const asked = ["explain", "--token", "-", "--json"];
  const before = await audit(asked, `${access_token}\n`);
  expect({ code: before.code, active: factsOf(before).active }).toEqual({ code: 0, active: true });

  await postForm(`${server.issuer}/auth/revoke`, { token: refresh_token, client_id: server.clientId });
  const after = await audit(asked, `${access_token}\n`);
  expect({ code: after.code, active: factsOf(after).active }).toEqual({ code: 0, active: false });

  const json = ["timeline", "--token", "-", "--no-related", "--json"];
  const byRefreshToken = await audit(json, `${refresh_token}\n`);
  const byAccessToken = await audit(json, `${access_token}\n`);
  expect(byAccessToken.stdout).toBe(byRefreshToken.stdout);
  expect(rowsOf(byAccessToken).map(({ type }) => type)).toEqual([
    "grant.authorized",
    "grant.code.redeemed",
    "grant.revoked",
  ]);

  const { stdout } = await audit(["timeline", "--token", "-"], `${refresh_token}\n`);
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^Time +Event +Actor +Found by +What happened$/);
  expect(lines.join("\n")).toMatch(/consent-\S+ +user:\S+ +same request +user \S+: agreed to client/);
  expect(stdout).not.toContain(access_token);
  expect(stdout).not.toContain(refresh_token);
});

it("goes on with what happens, until it is stopped", async () => {
  const args = [
    "audit",
    "timeline",
    "--user",
    "bob",
    "--follow",
    "--no-related",
    "--data-dir",
    server.dataDir,
  ];
  const child = spawn(process.execPath, [bin, ...args, "--port", new URL(server.issuer).port]);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const untilLine = async (form: RegExp): Promise<void> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error("it ended");
      if (form.test(value)) return;
    }
  };
  await untilLine(/registered/);
  await tokensOf(server, "bob");
  await untilLine(/code redeemed/);
  const ended = once(child, "close");
  child.kill("SIGINT");
  expect((await ended)[0]).toBe(0);
});

it("says who could do what", async () => {
  const { code, stdout } = await audit([
    "access",
    "--user",
    "bob",
    "--diff",
    "2020-01-01",
    new Date().toISOString(),
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/: unknown, then active/);
});

it.each([
  [["timeline", "--token", "dcr_secret"], 2, 'A token is a secret: use "--token -" and standard input.'],
  [["explain", "--token", "-"], 1, "This is no token of this server, or not the whole of it."],
  [
    ["access", "--user", "nobody"],
    1,
    "The log knows no user of this name; a person who was erased is found by id only.",
  ],
])("answers %j with code %i and a sentence", async (args, expected, sentence) => {
  const { code, stderr } = await audit(args, "no-token\n");
  expect({ code, stderr }).toEqual({ code: expected, stderr: `${sentence}\n` });
});
