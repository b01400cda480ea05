import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoClient, tokensOf } from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { Person } from "../../support/person.ts";
import { bearer, sendJson } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe("row 19 (RFC 7591 §3.2.2): open registration refuses", () => {
  const good = { client_name: "App", redirect_uris: ["https://app.example/cb"] };
  const register = (metadata: unknown) => sendJson("POST", `${server.address}/auth/register`, metadata);

  async function expectRefused(metadata: unknown, error: string): Promise<void> {
    const events = await server.eventsOf(async () => expectOAuthError(await register(metadata), 400, error));
    expect(events).toEqual([]);
  }

  it.each([
    ["a fragment", ["https://app.example/cb#x"]],
    ["an empty fragment", ["https://app.example/cb#"]],
    ["javascript:", ["javascript:alert(1)"]],
    ["javascript: with a dot", ["javascript://app.example/%0aalert(1)"]],
    ["data:", ["data:text/html,hello.world"]],
    ["http beyond loopback", ["http://app.example/cb"]],
    ["http at a name that only begins like loopback", ["http://localhost.evil.example/cb"]],
    ["a private scheme without a dot (RFC 8252 §7.1)", ["myapp:/cb"]],
    ["user information", ["https://user@app.example/cb"]],
    ["no absolute URI", ["/cb"]],
    ["one bad among good ones", ["https://app.example/cb", "http://app.example/cb"]],
    ["none at all", []],
    ["an absent list", undefined],
    ["a list of numbers", [1]],
    ["text instead of a list", "https://app.example/cb"],
  ])("redirect_uris with %s: invalid_redirect_uri", async (_, redirect_uris) =>
    expectRefused({ ...good, redirect_uris }, "invalid_redirect_uri"),
  );

  it.each<[string, object]>([
    ["an unknown grant type", { grant_types: ["password"] }],
    ["no grant type", { grant_types: [] }],
    ["refresh_token alone", { grant_types: ["refresh_token"] }],
    [
      "client_credentials for a public client",
      { grant_types: ["client_credentials"], token_endpoint_auth_method: "none" },
    ],
    ["response_types that do not fit", { response_types: ["token"] }],
    ["an unknown authentication method", { token_endpoint_auth_method: "client_secret_jwt" }],
    ["private_key_jwt without keys", { token_endpoint_auth_method: "private_key_jwt" }],
    ["both jwks and jwks_uri", { jwks: { keys: [] }, jwks_uri: "https://app.example/jwks" }],
    ["a private key", { jwks: { keys: [{ kty: "EC", d: "secret" }] } }],
    ["jwks_uri by http", { jwks_uri: "http://app.example/jwks" }],
    ["client_name of the wrong type", { client_name: 7 }],
    ["grant_types of the wrong type", { grant_types: "authorization_code" }],
    ["scope of the wrong type", { scope: ["read"] }],
    ["an unknown application_type", { application_type: "desktop" }],
  ])("%s: invalid_client_metadata", async (_, metadata) =>
    expectRefused({ ...good, ...metadata }, "invalid_client_metadata"),
  );

  it.each([[], "text", 7, null])("a body of %j: invalid_client_metadata", async (body) =>
    expectRefused(body, "invalid_client_metadata"),
  );

  it("broken JSON: 400", async () => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${server.address}/auth/register`, { method: "POST", headers, body: "{" });
    await expectOAuthError(response, 400, "invalid_request");
  });

  it.each(["GET", "PUT", "DELETE"])("%s: 405", async (method) => {
    const response = await fetch(`${server.address}/auth/register`, { method });
    expect(response.headers.get("allow")).toBe("POST");
    await expectOAuthError(response, 405, "invalid_request");
  });

  it.each([
    ["read admin", "read"],
    ["admin", "read write"],
    ["read fly", "read"],
    [undefined, "read write"],
  ])("scope %s is answered by what is given: %s", async (scope, given) => {
    const response = await register({ ...good, scope });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ scope: given });
  });
});

describe("row 19 (RFC 7591 §3): closed registration", () => {
  const initialAccessToken = "an initial access token of the operator";
  const body = { client_name: "App", redirect_uris: ["https://app.example/cb"] };
  let closed: TestServer;
  beforeAll(async () => {
    closed = await startTestServer({ registration: "closed", initialAccessToken: btoa(initialAccessToken) });
  });
  afterAll(() => closed[Symbol.asyncDispose]());

  const register = (headers: Readonly<Record<string, string>>) =>
    sendJson("POST", `${closed.address}/auth/register`, body, headers);

  async function tokenOf(username: string, scope: string): Promise<string> {
    const person = new Person(closed.address);
    await person.signIn(username);
    return (await tokensOf(closed, person, demoClient(closed), { scope })).access_token;
  }

  async function expectClosed(headers: Readonly<Record<string, string>>): Promise<void> {
    const events = await closed.eventsOf(async () => {
      const response = await register(headers);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer .*error="invalid_token"/);
      await expectOAuthError(response, 401, "invalid_token");
    });
    expect(events).toEqual([]);
  }

  it("without a token: 401 invalid_token", async () => expectClosed({}));
  it("with a wrong token: 401 invalid_token", async () => expectClosed(bearer("wrong")));
  it("with a person's token that is no administrator's: 401 invalid_token", async () =>
    expectClosed(bearer(await tokenOf("alice", "read write"))));
  it("with an administrator's token that lacks the scope: 401 invalid_token", async () =>
    expectClosed(bearer(await tokenOf("admin", "read write"))));

  it("opens to the initial access token", async () =>
    expect((await register(bearer(btoa(initialAccessToken)))).status).toBe(201));
  it("opens to an administrator", async () =>
    expect((await register(bearer(await tokenOf("admin", "admin")))).status).toBe(201));
});
