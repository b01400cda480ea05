import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  authorizePath,
  credentialsOf,
  demoClient,
  type FlowClient,
  flowClient,
} from "../../support/code-flow.ts";
import { descriptionForm, expectOAuthError } from "../../support/expect-error.ts";
import { Person } from "../../support/person.ts";
import { basic, bearer, encode, postForm, sendJson } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let demo: FlowClient;
let web: FlowClient;
let alice: Person;

beforeAll(async () => {
  server = await startTestServer();
  demo = demoClient(server);
  web = flowClient(await server.client({}));
  alice = new Person(server.address);
  await alice.signIn("alice");
});
afterAll(() => server[Symbol.asyncDispose]());

const send = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.address}${path}`, { method, headers, redirect: "manual" });

describe("everywhere (RFC 9110 §15.5.5): an unknown path is told in the endpoint's own format", () => {
  it.each(["/auth/unknown", "/auth/token/more", "/auth", "/.well-known/unknown", "/mcp/unknown"])(
    "%s: 404 as OAuth error",
    async (path) => expectOAuthError(await send("GET", path), 404, "invalid_request"),
  );

  it.each(["/unknown", "/favicon.ico", "/authentication"])("%s: 404 as problem (RFC 9457)", async (path) => {
    const response = await send("GET", path);
    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toMatchObject({ status: 404, title: "There is nothing at this path" });
  });
});

describe("everywhere (RFC 9110 §15.5.6): a wrong method is 405, with the right ones in Allow", () => {
  it.each([
    ["POST", "/auth/authorize", "GET, HEAD"],
    ["GET", "/auth/consent", "POST"],
    ["PUT", "/auth/login", "GET, HEAD, POST"],
    ["PUT", "/auth/logout", "GET, HEAD, POST"],
    ["GET", "/auth/token", "POST"],
    ["GET", "/auth/introspect", "POST"],
    ["GET", "/auth/revoke", "POST"],
    ["GET", "/auth/register", "POST"],
    ["POST", "/auth/register/c_1", "DELETE, GET, HEAD, PUT"],
    ["DELETE", "/auth/jwks", "GET, HEAD"],
    ["POST", "/.well-known/oauth-authorization-server", "GET, HEAD"],
    ["POST", "/auth/.well-known/oauth-authorization-server", "GET, HEAD"],
    ["POST", "/", "GET, HEAD"],
    ["DELETE", "/health", "GET, HEAD"],
  ])("%s %s", async (method, path, allowed) => {
    const response = await send(method, path);
    expect({ status: response.status, allow: response.headers.get("allow") }).toEqual({
      status: 405,
      allow: allowed,
    });
  });
});

describe("everywhere (RFC 9110 §15.5.14): a body over 64 KiB is 413", () => {
  const big = "a".repeat(64 * 1024 + 1);

  it.each(["/auth/token", "/auth/introspect", "/auth/revoke", "/auth/register/client"])("%s", async (path) =>
    expectOAuthError(await postForm(`${server.address}${path}`, { token: big }), 413, "invalid_request"),
  );

  it("/auth/register", async () => {
    const response = await sendJson("POST", `${server.address}/auth/register`, { client_name: big });
    await expectOAuthError(response, 413, "invalid_request");
  });

  it("/auth/login, as a page", async () => {
    const response = await postForm(`${server.address}/auth/login`, { username: big });
    expect(response.status).toBe(413);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
  });
});

describe("everywhere (RFC 9111 §5.2.2.5): nothing is stored but public documents", () => {
  it.each([
    "/",
    "/livez",
    "/readyz",
    "/auth/login",
    "/auth/logout",
    "/auth/account",
    "/admin/users",
    "/mcp/tools",
    "/auth/none",
    "/none",
  ])("%s: no-store", async (path) => {
    expect((await send("GET", path)).headers.get("cache-control")).toBe("no-store");
    expect((await alice.open(path)).headers.get("cache-control")).toBe("no-store");
  });

  it.each(["/.well-known/oauth-authorization-server", "/auth/jwks"])("%s: for a while", async (path) =>
    expect((await send("GET", path)).headers.get("cache-control")).toMatch(/max-age=\d+/),
  );
});

describe("everywhere: a slow client is cut off", () => {
  /** How long (ms) a connection lives on which `begin` was sent and then a byte every half second. */
  async function life(begin: string): Promise<number> {
    const { hostname, port } = new URL(server.address);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on("error", () => undefined).resume();
    await once(socket, "connect");
    const since = performance.now();
    socket.write(begin);
    const drip = setInterval(() => socket.write("a"), 500);
    await once(socket, "close");
    clearInterval(drip);
    return performance.now() - since;
  }

  it("at 10 to 15 seconds, in the middle of its header or its body (RFC 9110 §15.5.9)", async () => {
    const header =
      "POST /auth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    const lives = await Promise.all([
      life(`${header}X-Slow: `),
      life(`${header}Content-Length: 1000\r\n\r\n`),
    ]);
    for (const each of lives) {
      expect(each).toBeGreaterThan(9_500);
      expect(each).toBeLessThan(15_000);
    }
  });
});

describe("everywhere (RFC 6749 §5.2): error_description is ASCII and never echoes", () => {
  const marker = "zebra";
  const evil = `${marker}"\\ü\u0007<b>`;
  const fields = Object.fromEntries(
    [
      "client_id client_secret client_assertion client_assertion_type code code_verifier redirect_uri refresh_token",
      "scope resource response_type response_mode prompt max_age request token token_type_hint grant_type",
    ]
      .flatMap((names) => names.split(" "))
      .map((name) => [name, evil]),
  );

  it.each<[string, () => Promise<Response>]>([
    ["the token endpoint", () => postForm(`${server.address}/auth/token`, fields)],
    [
      "a known grant type",
      () => postForm(`${server.address}/auth/token`, { ...fields, grant_type: "refresh_token" }),
    ],
    [
      "a known client",
      () =>
        postForm(`${server.address}/auth/token`, {
          ...credentialsOf(web),
          grant_type: "client_credentials",
          scope: evil,
          resource: evil,
        }),
    ],
    ["a parameter's name", () => postForm(`${server.address}/auth/token`, { [evil]: [evil, evil] })],
    [
      "Basic",
      () =>
        postForm(
          `${server.address}/auth/token`,
          { grant_type: "client_credentials" },
          basic(marker, evil.replaceAll(/[^\x20-\x7e]/g, "")),
        ),
    ],
    ["introspection", () => postForm(`${server.address}/auth/introspect`, fields)],
    ["revocation", () => postForm(`${server.address}/auth/revoke`, fields)],
    [
      "registration",
      () => sendJson("POST", `${server.address}/auth/register`, { ...fields, client_name: [evil] }),
    ],
    [
      "a redirect URI",
      () => sendJson("POST", `${server.address}/auth/register`, { redirect_uris: [`${marker}:/cb`] }),
    ],
    [
      "broken JSON",
      () =>
        fetch(`${server.address}/auth/register`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: `{${evil}`,
        }),
    ],
    [
      "a content type",
      () =>
        fetch(`${server.address}/auth/token`, {
          method: "POST",
          headers: { "content-type": `application/${marker}` },
          body: evil,
        }),
    ],
    [
      "a registration token",
      () => fetch(`${server.address}/auth/register/${marker}`, { headers: bearer(marker) }),
    ],
    ["a bearer token", () => postForm(`${server.address}/auth/register/client`, fields, bearer(marker))],
    ["a path", () => send("GET", `/auth/${encodeURIComponent(evil)}`)],
    ["a path that cannot be decoded", () => send("GET", `/auth/${marker}%ff`)],
  ])("%s", async (_, answer) => {
    const response = await answer();
    const text = await response.text();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(text).not.toContain(marker);
    expect(JSON.parse(text).error_description).toMatch(descriptionForm);
    expect(response.headers.get("www-authenticate") ?? "").not.toContain(marker);
  });

  it("the authorization endpoint, by redirect", async () => {
    const { code, client_id, redirect_uri, ...rest } = fields;
    const response = await send("GET", `${authorizePath(demo)}&${encode({ ...rest, scope: evil })}`);
    const answer = new URL(response.headers.get("location") ?? "").searchParams;
    expect(answer.get("error")).toBe("invalid_request");
    expect(answer.get("error_description")).toMatch(descriptionForm);
    expect(String(answer)).not.toContain(marker);
  });

  it("the authorization endpoint, by page", async () => {
    const response = await send("GET", `/auth/authorize?${encode(fields)}`);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toContain(marker);
  });
});
