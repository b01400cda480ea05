import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "../../../infrastructure/config/load.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
/** A server whose list of origins is empty. */
let closed: TestServer;
beforeAll(async () => {
  [server, closed] = await Promise.all([startTestServer(), startTestServer({ corsOrigins: [] })]);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
});

const listed = "http://localhost:3000";
const stranger = "https://stranger.example";

const ask = (path: string, origin: string, at = server) =>
  fetch(`${at.address}${path}`, { headers: { origin }, redirect: "manual" });

const preflight = (path: string, origin: string, method: string, at = server) =>
  fetch(`${at.address}${path}`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": method,
      "access-control-request-headers": "authorization,content-type,mcp-protocol-version",
    },
  });

function expectOpen(response: Response, origin: string): void {
  expect(response.headers.get("access-control-allow-origin")).toBe(origin);
  expect(response.headers.get("access-control-allow-credentials")).toBeNull();
}

const names = (response: Response, header: string): string[] =>
  (response.headers.get(header) ?? "").toLowerCase().split(/, */);

describe("CORS (§1): open to every origin, without credentials", () => {
  it.each([
    ["POST", "/auth/token"],
    ["POST", "/auth/revoke"],
    ["POST", "/auth/register"],
    ["POST", "/auth/register/client"],
    ["GET", "/auth/register/c_1"],
    ["PUT", "/auth/register/c_1"],
    ["DELETE", "/auth/register/c_1"],
    ["GET", "/auth/jwks"],
    ["GET", "/.well-known/oauth-authorization-server"],
    ["GET", "/auth/.well-known/oauth-authorization-server"],
  ])("%s %s", async (method, path) => {
    const before = await preflight(path, stranger, method, closed);
    expect(before.status).toBe(204);
    expectOpen(before, "*");
    expect(names(before, "access-control-allow-methods")).toContain(method.toLowerCase());
    expect(names(before, "access-control-allow-headers")).toEqual(
      expect.arrayContaining(["authorization", "content-type", "mcp-protocol-version"]),
    );
    expectOpen(await ask(path, stranger, closed), "*");
  });

  it("errors too can be read", async () => {
    const response = await fetch(`${server.address}/auth/token`, {
      method: "POST",
      headers: { origin: stranger },
    });
    expect(response.status).toBe(400);
    expectOpen(response, "*");
    expect(names(response, "access-control-expose-headers")).toContain("www-authenticate");
  });
});

describe("CORS (§1): closed to every origin", () => {
  it.each([
    ["GET", "/auth/authorize"],
    ["GET", "/auth/login"],
    ["POST", "/auth/login"],
    ["POST", "/auth/consent"],
    ["POST", "/auth/logout"],
    ["GET", "/auth/account"],
    ["POST", "/auth/account/password"],
  ])("%s %s", async (method, path) => {
    for (const response of [await preflight(path, listed, method), await ask(path, listed)])
      for (const name of response.headers.keys()) expect(name).not.toMatch(/^access-control-allow/);
  });
});

describe("CORS (§1): by the list", () => {
  it.each([
    ["POST", "/auth/introspect"],
    ["GET", "/"],
    ["GET", "/health"],
    ["POST", "/mcp"],
    ["DELETE", "/mcp/session/x"],
    ["PUT", "/admin/users/x/password"],
  ])("%s %s", async (method, path) => {
    const before = await preflight(path, listed, method);
    expect(before.status).toBe(204);
    expectOpen(before, listed);
    expectOpen(await ask(path, listed), listed);
    for (const [origin, at] of [
      [stranger, server],
      [listed, closed],
      ["null", server],
      ["http://localhost:3000.evil.example", server],
    ] as const)
      for (const response of [await preflight(path, origin, method, at), await ask(path, origin, at)])
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("has no wildcard: whoever wants all origins names them", () => {
    expect(() => loadConfig({ flags: { corsOrigins: "*" }, env: {} })).toThrow("no wildcard");
  });

  it("lets the admin API be asked again by a key, and says there where things are", async () => {
    const before = await preflight("/admin/clients", listed, "POST");
    expect(names(before, "access-control-allow-headers")).toContain("idempotency-key");
    const exposed = names(await ask("/admin/clients", listed), "access-control-expose-headers");
    expect(exposed).toEqual(expect.arrayContaining(["link", "location"]));
  });

  it("exposes WWW-Authenticate and Mcp-Session-Id, and tells caches that the origin matters", async () => {
    const response = await ask("/health", listed);
    expect(names(response, "access-control-expose-headers").sort()).toEqual([
      "mcp-session-id",
      "www-authenticate",
    ]);
    expect(names(response, "vary")).toContain("origin");
    expect(names(await ask("/health", stranger), "vary")).toContain("origin");
  });
});
