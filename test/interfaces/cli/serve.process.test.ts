import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { rowsOf } from "../../support/command-output.ts";
import { freePort } from "../../support/free-port.ts";
import { tokensOf } from "../../support/process-client.ts";
import { runCli, startServer } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

it("makes nothing twice when started again on the same data", async () => {
  await using first = await startServer();
  const { refresh_token } = await tokensOf(first, "alice");
  expect(await first.stop()).toBe(0);

  const { dataDir, issuer } = first;
  await using second = await startServer({ dataDir, port: Number(new URL(issuer).port) });
  expect(second.clientId).toBe(first.clientId);
  expect(second.introspection).toEqual(first.introspection);
  const users = rowsOf(await second.cli(["user", "list", "--json"]));
  expect(users.map(({ username }) => username).sort()).toEqual(["admin", "alice", "bob"]);
  expect(rowsOf(await second.cli(["client", "list", "--json"]))).toHaveLength(1);
  expect(rowsOf(await second.cli(["resource", "list", "--json"]))).toHaveLength(1);
  const refreshed = await fetch(`${issuer}/auth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token,
      client_id: second.clientId,
    }),
  });
  expect(refreshed.status).toBe(200);
}, 60_000);

it("writes no file with --ephemeral", async () => {
  await using server = await startServer({ flags: ["--ephemeral"] });
  expect(await tokensOf(server, "alice")).toMatchObject({ scope: "read write" });
  expect(readdirSync(server.dataDir)).toEqual([]);
});

it("ends with exit code 0 on SIGTERM, and says when its port is taken", async () => {
  using folder = temporaryFolder();
  await using server = await startServer();
  const { port } = new URL(server.issuer);
  const taken = await runCli(["serve", "--demo", "--port", port, "--data-dir", folder.path]);
  expect(taken.code).toBe(1);
  expect(taken.stderr.split("\n").at(-2)).toBe(
    `Port ${port} on 127.0.0.1 is taken; choose another by port, or --port.`,
  );
  expect((await fetch(`${server.issuer}/health`)).status).toBe(200);
  expect(await server.stop()).toBe(0);
});

it("is kept from ending by nobody who sends a byte now and then", { timeout: 40_000 }, async () => {
  await using server = await startServer();
  const socket = connect(Number(new URL(server.issuer).port), "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write("POST /auth/token HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  const dripping = setInterval(() => socket.write("a"), 1_000);
  await sleep(500);
  const stopped = server.stop();
  expect(await Promise.race([stopped, sleep(20_000, "still there")])).toBe(0);
  clearInterval(dripping);
  socket.destroy();
});

it("says that it is not ready, and answers on, for as long as it was told to, before it stops", async () => {
  const operations = await freePort();
  const flags = ["--shutdown-delay-seconds", "1.5", "--operations-port", String(operations)];
  await using server = await startServer({ flags });
  expect((await fetch(`${server.issuer}/readyz`)).headers.get("connection")).toBe("keep-alive");
  const stopped = server.stop();
  await expect
    .poll(async () => await (await fetch(`${server.issuer}/readyz`)).json())
    .toEqual({ status: "not ready", reasons: ["the server is stopping"] });
  expect((await fetch(`http://127.0.0.1:${operations}/readyz`)).status).toBe(503);
  expect((await fetch(`${server.issuer}/livez`)).status).toBe(200);
  expect(await tokensOf(server, "alice")).toMatchObject({ scope: "read write" });
  const keys = await fetch(`${server.issuer}/auth/jwks`);
  // Whoever keeps connections opens the next one elsewhere.
  expect({ status: keys.status, connection: keys.headers.get("connection") }).toEqual({
    status: 200,
    connection: "close",
  });
  expect(await stopped).toBe(0);
  await expect(fetch(`${server.issuer}/livez`)).rejects.toThrow();
});

it("refuses the demo where NODE_ENV is production, and writes nothing", async () => {
  using folder = temporaryFolder();
  const { code, stderr } = await runCli(["serve", "--demo", "--data-dir", folder.path], {
    env: { NODE_ENV: "production" },
  });
  expect(code).toBe(1);
  expect(stderr).toBe(
    "The configuration is wrong.\n--demo: got true; must not be used where NODE_ENV is production\n",
  );
  expect(readdirSync(folder.path)).toEqual([]);
});

it("tells how to make the master key that is missing, and works once that is done", async () => {
  using folder = temporaryFolder();
  const data = ["--data-dir", folder.path];
  const { code, stderr } = await runCli(["serve", "--port", "0", ...data]);
  expect(code).toBe(1);
  expect(stderr).toContain("masterKey: there is none.");
  expect(stderr).toContain("dacapo keys generate-master > master.key");

  const { stdout: masterKey } = await runCli(["keys", "generate-master"]);
  const env = { DACAPO_MASTER_KEY: masterKey.trim() };
  const list = () => runCli(["user", "list", ...data], { env });
  expect(await list()).toMatchObject({ code: 1, stderr: `There is no log in ${folder.path}.\n` });
  expect(await runCli(["keys", "rotate", "--force", ...data], { env })).toMatchObject({
    code: 0,
    stderr: `There was no log yet; one is made in ${folder.path}.\n`,
  });
  expect(await list()).toEqual({ code: 0, stdout: "None.\n", stderr: "" });
});
