import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createResource } from "../../application/commands/manage-resources.ts";
import { type ResourceServerOptions, resourceServer } from "../../interfaces/resource-server/index.ts";
import { demoClient, tokensOf } from "../support/code-flow.ts";
import { freePort } from "../support/free-port.ts";
import { bearer } from "../support/requests.ts";
import { revokeToken } from "../support/revoke.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { operator, signedIn } from "../support/signed-in.ts";

const resource = "http://api.localhost:4000";
const metadata = `${resource}/.well-known/oauth-protected-resource`;

let server: TestServer;
let credentials: { readonly id: string; readonly secret: string };
beforeAll(async () => {
  server = await startTestServer();
  const { resource: made, secret } = await createResource(
    server.runtime.context,
    { uri: resource, name: "An API", scopes: ["read", "write"], isDefault: false },
    operator,
  );
  credentials = { id: made.resourceId, secret };
});
afterAll(() => server[Symbol.asyncDispose]());

async function api(options: Partial<ResourceServerOptions> = {}): Promise<FastifyInstance> {
  const app = fastify();
  await app.register(resourceServer, {
    issuer: server.issuer,
    resource,
    validation: credentials,
    resourceMetadata: metadata,
    ...options,
  });
  app.get("/read", { preHandler: app.requireScope("read") }, async ({ accessToken }) => accessToken);
  app.get("/both", { preHandler: app.requireScope("read", "write") }, async () => ({ ok: true }));
  app.get("/open", async ({ accessToken }) => ({ accessToken }));
  return app;
}

const tokens = async (scope: string, changes: Record<string, string> = {}) =>
  tokensOf(server, await signedIn(server, "alice"), demoClient(server), { scope, resource, ...changes });

const get = (app: FastifyInstance, url: string, headers: Record<string, string> = {}) =>
  app.inject({ url, headers });

describe.each(["introspection", "local"] as const)("the plugin, by %s", (how) => {
  const validation = () => (how === "local" ? ("local" as const) : credentials);

  it("lets a token of enough scope pass, and says whose it is", async () => {
    const app = await api({ validation: validation() });
    const { access_token } = await tokens("read");
    const response = await get(app, "/read", bearer(access_token));
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ clientId: server.demo.clientId, scope: ["read"] });
    expect((await get(app, "/open")).json()).toEqual({ accessToken: null });
  });

  it("refuses too little scope by 403, and names what is needed (RFC 6750 §3.1)", async () => {
    const app = await api({ validation: validation() });
    const { access_token } = await tokens("read");
    const response = await get(app, "/both", bearer(access_token));
    expect(response.statusCode).toBe(403);
    expect(response.headers["www-authenticate"]).toContain('error="insufficient_scope"');
    expect(response.headers["www-authenticate"]).toContain('scope="read write"');
  });

  it("refuses no token, a malformed header, nonsense, and a token for somebody else", async () => {
    const app = await api({ validation: validation() });
    const without = await get(app, "/read");
    expect(without.statusCode).toBe(401);
    expect(without.headers["www-authenticate"]).toBe(`Bearer resource_metadata="${metadata}", scope="read"`);
    expect((await get(app, "/read", { authorization: "Bearer a b" })).statusCode).toBe(400);
    const elsewhere = await tokens("read", { resource: `${server.issuer}/mcp` });
    for (const token of ["nonsense", `${"a".repeat(20)}.b.c`, elsewhere.access_token]) {
      const response = await get(app, "/read", bearer(token));
      expect(response.statusCode).toBe(401);
      expect(response.headers["www-authenticate"]).toContain('error="invalid_token"');
    }
  });

  it("answers 503 where the issuer cannot be asked", async () => {
    const app = await api({ validation: validation(), issuer: `http://127.0.0.1:${await freePort()}` });
    const { access_token } = await tokens("read");
    const response = await get(app, "/read", bearer(access_token));
    expect(response.statusCode).toBe(503);
    expect(response.headers["retry-after"]).toBe("1");
  });
});

describe("an issuer that answers something else", () => {
  it.each([
    ["a page", "text/html", "<html>"],
    ["nothing", "application/json", "null"],
    ["no verdict", "application/json", "{}"],
    ["a broken answer", "application/json", '{"active":'],
  ])("%s: 503, by introspection and by its keys", async (_, type, body) => {
    const issuer = createServer((_request, response) => {
      response.writeHead(200, { "content-type": type });
      response.end(body);
    });
    await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
    try {
      const url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
      const { access_token } = await tokens("read");
      for (const validation of [credentials, "local"] as const) {
        const app = await api({ issuer: url, validation });
        const response = await get(app, "/read", bearer(access_token));
        expect(response.statusCode).toBe(503);
        expect(response.body).not.toContain("html");
      }
    } finally {
      issuer.close();
    }
  });
});

it("a revoked token is refused at once by introspection, and lives on where signatures are all that is checked", async () => {
  const [asking, local] = [await api(), await api({ validation: "local" })];
  const { access_token, refresh_token } = await tokens("read");
  await revokeToken(server, refresh_token);
  expect((await get(asking, "/read", bearer(access_token))).statusCode).toBe(401);
  expect((await get(local, "/read", bearer(access_token))).statusCode).toBe(200);
});

it("the example of the docs is protected", async () => {
  const port = await freePort();
  const example = fileURLToPath(new URL("../../docs/examples/resource-server.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=dacapo-source", example], {
    env: {
      ...process.env,
      PORT: String(port),
      API_URL: resource,
      API_ID: credentials.id,
      API_SECRET: credentials.secret,
      DACAPO_ISSUER: server.issuer,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
    const { access_token } = await tokens("read");
    const ask = (method: string, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${port}/notes`, { method, headers });
    expect(await (await ask("GET", bearer(access_token))).json()).toMatchObject({ notes: ["c", "e", "g"] });
    expect((await ask("POST", bearer(access_token))).status).toBe(403);
    expect((await ask("GET")).status).toBe(401);
  } finally {
    child.kill();
  }
});
