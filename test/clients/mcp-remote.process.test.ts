import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { Person } from "../support/person.ts";
import { startTestServer } from "../support/server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const program = fileURLToPath(new URL("../../node_modules/.bin/mcp-remote", import.meta.url));

it("mcp-remote comes from nothing but the URL to a tool's result", async () => {
  await using server = await startTestServer();
  using folder = temporaryFolder();
  const child = spawn(process.execPath, [program, `${server.issuer}/mcp`, String(await freePort())], {
    // It opens a browser by itself; there is none to be found.
    env: { ...process.env, MCP_REMOTE_CONFIG_DIR: folder.path, PATH: "/nonexistent" },
  });
  try {
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    let told = "";
    child.stderr.on("data", (chunk: Buffer) => {
      told += chunk;
    });
    const send = (message: object) =>
      child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    const answerTo = async (id: number): Promise<Record<string, unknown>> => {
      for (;;) {
        const message = JSON.parse((await answers.next()).value ?? "null");
        if (message === null) throw new Error(`mcp-remote ended: ${told}`);
        if (message.id === id) return message;
      }
    };
    const authorizationUrl = () => /http:\/\/localhost:\d+\/auth\/authorize\?\S+/.exec(told)?.[0];
    await expect.poll(authorizationUrl, { timeout: 20_000 }).toBeDefined();
    const alice = new Person(server.address);
    await alice.signIn("alice");
    const asked = new URL(authorizationUrl() ?? "");
    const returned = await alice.authorize(Object.fromEntries(asked.searchParams));
    const callback = asked.searchParams.get("redirect_uri");
    expect(callback).toMatch(/^http:\/\/localhost:\d+\/oauth\/callback$/);
    expect((await fetch(`${callback}?${returned}`)).status).toBe(200);
    send({
      id: 1,
      method: "initialize",
      params: {
        protocolVersion: "2025-06-18",
        capabilities: {},
        clientInfo: { name: "test", version: "1" },
      },
    });
    expect(await answerTo(1)).toMatchObject({ result: { serverInfo: { name: "dacapo-music" } } });
    send({ method: "notifications/initialized" });
    send({ id: 2, method: "tools/call", params: { name: "list_scores", arguments: {} } });
    const { result } = await answerTo(2);
    expect(JSON.stringify(result)).toContain("bach_invention_1");
  } finally {
    child.kill();
  }
}, 60_000);
