import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { freePort } from "../../support/free-port.ts";
import { runCli, startServer } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** What `dacapo health` says of whoever answers thus. */
async function healthOf(answer: RequestListener, args: readonly string[] = []) {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const { code, stderr } = await runCli(["health", ...args], { env: { DACAPO_PORT: String(port) } });
    return { code, stderr: stderr.replace(String(port), "PORT") };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

it("says that a server is ready, by its variables and by a file of them: exit code 0", async () => {
  await using server = await startServer();
  using folder = temporaryFolder();
  const port = Number(new URL(server.issuer).port);
  const file = join(folder.path, "dacapo.json");
  writeFileSync(file, JSON.stringify({ port, host: "0.0.0.0" }));
  const ready = { code: 0, stdout: "Ready.\n", stderr: "" };
  expect(await runCli(["health"], { env: { DACAPO_PORT: String(port) } })).toEqual(ready);
  expect(await runCli(["health"], { env: { DACAPO_CONFIG: file } })).toEqual(ready);
});

it("repeats the reasons of who is not ready, as plain text: exit code 1", async () => {
  const reasons = ["the read models are stale\u001b[2J", "the clock is 3 s ahead"];
  const answer: RequestListener = ({ url }, response) =>
    response.writeHead(url === "/readyz" ? 503 : 200).end(JSON.stringify({ status: "not ready", reasons }));
  expect(await healthOf(answer)).toEqual({
    code: 1,
    stderr:
      "Not well, says http://127.0.0.1:PORT/readyz: the read models are stale [2J; the clock is 3 s ahead.\n",
  });
  expect(await healthOf(answer, ["--live"])).toEqual({ code: 0, stderr: "" });
});

it("says what somebody else answered: exit code 1", async () => {
  expect(await healthOf((_request, response) => response.writeHead(404).end("<html>"))).toEqual({
    code: 1,
    stderr: "Not well, says http://127.0.0.1:PORT/readyz: the answer is 404.\n",
  });
});

it("waits three seconds for an answer and its end: exit code 1", async () => {
  const answers = await Promise.all([
    healthOf(() => undefined),
    healthOf((_request, response) => {
      response.writeHead(200).write("{");
    }),
  ]);
  for (const answer of answers)
    expect(answer).toEqual({
      code: 1,
      stderr: "Nothing to be learned at http://127.0.0.1:PORT/readyz: no answer within 3 s.\n",
    });
});

it("says that nobody is there: exit code 1", async () => {
  const port = String(await freePort());
  const { code, stderr } = await runCli(["health"], { env: { DACAPO_PORT: port, DACAPO_CONFIG: "" } });
  expect(code).toBe(1);
  expect(stderr).toContain(`connect ECONNREFUSED 127.0.0.1:${port}.`);
  expect(stderr).not.toContain("    at ");
});

it("says that a port which was chosen by itself is not known: exit code 1", async () => {
  expect(await runCli(["health", "--port", "0"])).toEqual({
    code: 1,
    stdout: "",
    stderr: "Nobody knows which port was taken: port is 0.\n",
  });
});
