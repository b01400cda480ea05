import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWaitingServer } from "../../../interfaces/http/waiting.ts";
import { expectOAuthError, expectPage } from "../../support/expect-error.ts";
import { postForm } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

/** The list of the guide. */
const ofTheGuide = ["192.168.1.0/24", "10.0.0.0/8", "2001:db8::/32"];
const adminNetworks = ["10.9.0.0/16", "198.51.100.0/24"];
/** The test itself is the proxy next to the server; others stand before it. */
const trustProxy = ["127.0.0.1", "172.16.0.0/12"];

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ allowNetworks: ofTheGuide, adminNetworks, trustProxy });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (path: string, forwardedFor?: string, init: RequestInit = {}, at = server) =>
  fetch(`${at.address}${path}`, {
    ...init,
    redirect: "manual",
    headers: forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor },
  });

const statusFor = async (forwardedFor: string | undefined, at = server): Promise<number> =>
  (await ask("/auth/jwks", forwardedFor, {}, at)).status;

describe("the networks that may connect", () => {
  it.each([
    "192.168.1.77",
    "10.255.0.1",
    "2001:db8:1::1",
    "::ffff:10.0.0.1",
    "192.168.1.77:5678",
    "[2001:db8::1]:443",
    "203.0.113.9, 10.0.0.1",
    "garbage, 10.0.0.1",
    "10.0.0.1, 172.16.0.5",
    "10.0.0.1, 172.16.0.5:80, 172.31.0.5",
  ])("let %j in", async (forwardedFor) => expect(await statusFor(forwardedFor)).toBe(200));

  it.each([
    "192.168.2.1",
    "11.0.0.1",
    "2001:db9::1",
    "::ffff:11.0.0.1",
    "10.0.0.1, 203.0.113.9",
    "10.0.0.1, 203.0.113.9, 172.16.0.5",
    "10.0.0.1, 203.0.113.9:80, 172.16.0.5:80",
    "10.0.0.1, 203.0.113.9, [::ffff:172.16.0.5]:80",
    "10.0.0.1, garbage",
    "10.0.0.1, unknown, 172.16.0.5",
    "10.0.0.1, 167772161",
    "10.0.0.1:port",
    "10.0.0.1 203.0.113.9",
  ])("refuse %j", async (forwardedFor) => expect(await statusFor(forwardedFor)).toBe(403));

  it("refuse the proxy itself, where it speaks for nobody or nobody else", async () => {
    expect(await statusFor(undefined)).toBe(403);
    expect(await statusFor("172.16.0.5")).toBe(403);
    expect(await statusFor(",")).toBe(403);
  });

  it("are those of the connection where no proxy is trusted", async () => {
    await using loopback = await startTestServer({ allowNetworks: ["127.0.0.0/8"] });
    await using others = await startTestServer({ allowNetworks: ofTheGuide });
    expect(await statusFor("203.0.113.9", loopback)).toBe(200);
    expect(await statusFor("10.0.0.1", others)).toBe(403);
  });

  it("are all where none is named", async () => {
    await using open = await startTestServer({ trustProxy });
    expect(await statusFor("garbage", open)).toBe(200);
  });
});

describe("a refusal of a network", () => {
  const stranger = "203.0.113.9";

  it.each([
    ["GET", "/.well-known/oauth-authorization-server"],
    ["POST", "/auth/token"],
    ["POST", "/auth/introspect"],
    ["POST", "/auth/register"],
    ["GET", "/auth/unknown"],
    ["DELETE", "/auth/token"],
    ["OPTIONS", "/auth/token"],
    ["GET", "/auth/%ff"],
    ["POST", "/mcp"],
  ])("is an OAuth error at %s %s", async (method, path) =>
    expectOAuthError(await ask(path, stranger, { method }), 403, "access_denied"),
  );

  it.each(["/auth/authorize", "/auth/login", "/auth/account"])("is a page at %s", async (path) =>
    expectPage(await ask(path, stranger), 403, "This network may not use what it asked for"),
  );

  it.each(["/", "/unknown", "/admin/users"])("is a problem at %s (RFC 9457)", async (path) => {
    const response = await ask(path, stranger);
    expect(response.status).toBe(403);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it("is not for the probes of an orchestrator", async () => {
    for (const path of ["/livez", "/readyz", "/health"]) expect((await ask(path, stranger)).status).toBe(200);
  });

  it("comes before the body is read", async () => {
    const body = "a".repeat(64 * 1024 + 1);
    const response = await postForm(
      `${server.address}/auth/token`,
      { token: body },
      { "x-forwarded-for": stranger },
    );
    expect(response.status).toBe(403);
  });

  it("is given while the server waits for its engines, too", async () => {
    const waiting = createWaitingServer(() => "", {
      allowNetworks: ofTheGuide,
      adminNetworks: [],
      trustProxy,
    });
    const statusOf = async (url: string, forwardedFor: string) =>
      (await waiting.inject({ url, headers: { "x-forwarded-for": forwardedFor } })).statusCode;
    expect(await statusOf("/auth/token", stranger)).toBe(403);
    expect(await statusOf("/auth/token", "10.0.0.1")).toBe(503);
    expect(await statusOf("/readyz", stranger)).toBe(503);
    expect(await statusOf("/livez", stranger)).toBe(200);
    await waiting.close();
  });
});

describe("the networks of administrators", () => {
  it.each([
    ["GET", "/admin/users"],
    ["POST", "/admin/users/find"],
    ["DELETE", "/admin/users/u/sessions"],
    ["POST", "/auth/register/client"],
    ["GET", "/%61dmin/users"],
  ])("alone may ask %s %s", async (method, path) => {
    expect((await ask(path, "10.0.0.1", { method })).status).toBe(403);
    expect((await ask(path, "10.9.0.1", { method })).status).toBe(401);
    expect((await ask(path, "198.51.100.1", { method })).status).toBe(401);
  });

  it("may not connect elsewhere for that", async () => {
    expect(await statusFor("198.51.100.1")).toBe(403);
    expect(await statusFor("10.9.0.1")).toBe(200);
  });

  it("are those that may connect where none is named", async () => {
    await using plain = await startTestServer({ allowNetworks: ofTheGuide, trustProxy });
    expect((await ask("/admin/users", "10.0.0.1", {}, plain)).status).toBe(401);
    expect((await ask("/admin/users", "203.0.113.9", {}, plain)).status).toBe(403);
  });
});
