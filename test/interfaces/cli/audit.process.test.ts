import { afterAll, beforeAll, expect, it } from "vitest";
import { rowsOf } from "../../support/command-output.ts";
import { tokensOf } from "../../support/process-client.ts";
import { postForm } from "../../support/requests.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const timeline = (args: readonly string[], input?: string) =>
  server.cli(["audit", "timeline", ...args], input);

it("shows what happened to a token family, by any of its tokens", async () => {
  const { access_token, refresh_token } = await tokensOf(server, "alice");
  await postForm(`${server.issuer}/auth/revoke`, { token: refresh_token, client_id: server.clientId });
  const byRefreshToken = await timeline(["--token", "-", "--json"], `${refresh_token}\n`);
  const byAccessToken = await timeline(["--token", "-", "--json"], `${access_token}\n`);
  expect(byAccessToken.stdout).toBe(byRefreshToken.stdout);
  expect(rowsOf(byAccessToken).map(({ type }) => type)).toEqual([
    "grant.authorized",
    "grant.code.redeemed",
    "grant.revoked",
  ]);
});

it("prints a table for people, without any token", async () => {
  const { access_token, refresh_token } = await tokensOf(server, "alice");
  const { stdout } = await timeline(["--token", "-"], `${refresh_token}\n`);
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^Time +Position +Event +Actor +Details$/);
  expect(lines[1]).toMatch(/grant\.authorized +user:\S+ +client \S+$/);
  expect(lines).toHaveLength(3);
  expect(stdout).not.toContain(access_token);
  expect(stdout).not.toContain(refresh_token);
});

it.each([
  [["--token", "dcr_secret"], 'A token is a secret: use "--token -" and standard input.'],
  [[], "Name either --token - or --grant ID."],
  [["--token", "-"], "This is no token of this server, or not the whole of it."],
])("refuses %j as wrong use", async (args, sentence) => {
  const { code, stderr } = await timeline(args, "no token\n");
  expect({ code, stderr }).toEqual({ code: 2, stderr: `${sentence}\n` });
});
