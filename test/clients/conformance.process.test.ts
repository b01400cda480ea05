import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request as requestHttp, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { flowClient } from "../support/code-flow.ts";
import { freePort } from "../support/free-port.ts";
import { mcpTokens } from "../support/mcp.ts";
import { Person } from "../support/person.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { addFixtures } from "./conformance-fixtures.ts";

const suite = (name: string) =>
  fileURLToPath(new URL(`../../node_modules/${name}/dist/index.js`, import.meta.url));

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a conformance suite; `told` is given what it prints, as it comes. */
async function run(
  program: string,
  args: readonly string[],
  told: (output: string) => void = () => undefined,
): Promise<Run> {
  // It opens a browser by itself; there is none to be found.
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, PATH: "/nonexistent" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
      told(output);
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

let server: TestServer;
let proxy: Server;
let url: string;
beforeAll(async () => {
  let token = "";
  // The suite knows no sign-in: this adds the token, and is nothing else.
  proxy = createServer((incoming, response) => {
    const headers = { ...incoming.headers, authorization: `Bearer ${token}` };
    const outgoing = requestHttp(
      `${server.address}${incoming.url}`,
      { method: incoming.method, headers, setHost: false },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  url = `http://localhost:${port}/mcp`;
  const corsOrigins = [`http://localhost:${port}`];
  server = await startTestServer({ corsOrigins }, undefined, { extendMcp: addFixtures });
  token = (await mcpTokens(server, "alice")).access_token;
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await server[Symbol.asyncDispose]();
});

it("passes the MCP conformance suite for servers, as far as it is about a stateless server of tools", async () => {
  const notOurs = fileURLToPath(new URL("conformance-not-ours.yml", import.meta.url));
  const judge = async (...which: readonly string[]) => {
    const args = ["server", "--url", url, ...which];
    const { code, output } = await run(suite("@modelcontextprotocol/conformance"), args);
    expect({ code, output }).toMatchObject({ code: 0 });
    return output;
  };
  const output = await judge("--expected-failures", notOurs);
  for (const scenario of ["tools-list: 1", "tools-call-with-progress: 1", "dns-rebinding-protection: 2"])
    expect(output).toContain(`${scenario} passed, 0 failed`);
  // Not of the suite that runs by itself.
  await judge("--scenario", "json-schema-2020-12");
}, 60_000);

it("passes the MCP conformance suite for authorization servers", async () => {
  const port = await freePort();
  const registered = await server.client({
    redirectUris: [`http://127.0.0.1:${port}/callback`],
    authMethods: ["none"],
    grantTypes: ["authorization_code", "refresh_token"],
  });
  const client = flowClient(registered);
  const alice = new Person(server.address);
  await alice.signIn("alice");
  let asked = "";
  const args = ["--url", server.issuer, "--client-id", client.id, "--resource", `${server.issuer}/mcp`];
  const { code, output } = await run(
    suite("mcp-conformance-alpha"),
    ["authorization", ...args, "--port", String(port)],
    (told) => {
      const found = /http:\/\/localhost:\d+\/auth\/authorize\?\S+/.exec(told)?.[0];
      if (found === undefined || asked !== "") return;
      asked = found;
      void alice
        .authorize(Object.fromEntries(new URL(found).searchParams))
        .then((returned) => fetch(`http://127.0.0.1:${port}/callback?${returned}`));
    },
  );
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(output).toContain("authorization-code-grant");
});
