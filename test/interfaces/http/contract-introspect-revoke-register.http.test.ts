import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createResource } from "../../../application/commands/manage-resources.ts";
import {
  credentialsOf,
  demoClient,
  type FlowClient,
  flowClient,
  refreshForm,
  type Tokens,
  tokensBy,
  tokensOf,
} from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { introspect } from "../../support/introspection.ts";
import { Person } from "../../support/person.ts";
import { basic, bearer, type Fields, postForm, sendJson } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let demo: FlowClient;
let web: FlowClient;
let alice: Person;
let tokens: Tokens;

beforeAll(async () => {
  server = await startTestServer();
  demo = demoClient(server);
  web = flowClient(await server.client({}));
  alice = new Person(server.address);
  await alice.signIn("alice");
  tokens = await tokensOf(server, alice, demo);
});
afterAll(() => server[Symbol.asyncDispose]());

const unknownTokens: readonly [string, string][] = [
  ["no token of anybody", "x"],
  ["an access token that was never issued", `dca_${"a".repeat(64)}`],
  ["a refresh token that was never issued", `dcr_${"a".repeat(22)}.1.${"b".repeat(43)}`],
  ["a JWT of somebody else", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."],
  ["not even text of the web", "\u0000 ü €"],
  ["very long", "a".repeat(20_000)],
];

describe("row 17 (RFC 7662): introspection", () => {
  const url = () => `${server.address}/auth/introspect`;
  const asResource = () => basic(server.introspection.id, server.introspection.secret);

  it.each<[string, () => Readonly<Record<string, string>>, Fields]>([
    ["no authentication (§2.1)", () => ({}), {}],
    ["a wrong secret of a resource", () => basic(server.introspection.id, "wrong"), {}],
    ["a wrong secret of a client", () => basic(web.id, "wrong"), {}],
    ["an unknown resource", () => basic("rs_unknown", "wrong"), {}],
    ["an unknown client", () => basic("c_unknown", "wrong"), {}],
    ["a wrong secret in the form", () => ({}), { client_id: "rs_unknown", client_secret: "wrong" }],
    ["a bearer token that may not introspect", () => bearer(tokens.access_token), {}],
  ])("with %s: 401", async (_, headers, form) => {
    const events = await server.eventsOf(async () =>
      expectOAuthError(
        await postForm(url(), { token: tokens.access_token, ...form }, headers()),
        401,
        "invalid_client",
      ),
    );
    expect(events).toEqual([]);
  });

  it("by a public client: 401", async () => {
    const response = await postForm(url(), { token: tokens.access_token, client_id: demo.id });
    await expectOAuthError(response, 401, "invalid_client");
  });

  it.each(unknownTokens)("of %s (§2.2): inactive, and nothing else", async (_, token) =>
    expect(await introspect(server, token)).toEqual({ active: false }),
  );

  it("of a token that was tampered with: inactive, and nothing else", async () => {
    const [header, payload, signature = ""] = tokens.access_token.split(".");
    const forged = `${header}.${payload}.${signature.split("").reverse().join("")}`;
    expect(await introspect(server, forged)).toEqual({ active: false });
  });

  it("of a revoked token: inactive, and nothing else", async () => {
    const { access_token } = await tokensOf(server, alice, demo);
    expect(await introspect(server, access_token)).toMatchObject({ active: true });
    await postForm(`${server.address}/auth/revoke`, { token: access_token, client_id: demo.id });
    expect(await introspect(server, access_token)).toEqual({ active: false });
  });

  it("of a token for another resource server (§4): inactive, and nothing else", async () => {
    const other = { uri: "https://other.example/api", name: "Other", scopes: ["read"], isDefault: false };
    const metadata = { actor: "operator", correlationId: "test" };
    const { resource, secret } = await createResource(server.runtime.context, other, metadata);
    const credentials = { id: resource.resourceId, secret };
    expect(await introspect(server, tokens.access_token, credentials)).toEqual({ active: false });
    const theirs = await tokensOf(server, alice, demo, { resource: other.uri });
    expect(await introspect(server, theirs.access_token, credentials)).toMatchObject({ active: true });
    expect(await introspect(server, theirs.access_token)).toEqual({ active: false });
  });

  it("of another client's token, by a client: inactive, and nothing else", async () => {
    const credentials = { id: web.id, secret: web.secret ?? "" };
    expect(await introspect(server, tokens.access_token, credentials)).toEqual({ active: false });
    expect(await introspect(server, tokens.refresh_token, credentials)).toEqual({ active: false });
    const own = await tokensOf(server, alice, web);
    expect(await introspect(server, own.access_token, credentials)).toMatchObject({ active: true });
  });

  it("of an expired token: inactive, and nothing else", async () => {
    await using brief = await startTestServer({ accessTokenExpireMinutes: 0.05 });
    const person = new Person(brief.address);
    await person.signIn("alice");
    const { access_token } = await tokensOf(brief, person, demoClient(brief));
    expect(await introspect(brief, access_token)).toMatchObject({ active: true });
    await sleep(3_000);
    expect(await introspect(brief, access_token)).toEqual({ active: false });
  });

  it.each<[string, Fields]>([
    ["no token", {}],
    ["an empty token", { token: "" }],
    ["two tokens", { token: ["a", "b"] }],
  ])("with %s (§2.1): 400 invalid_request", async (_, form) =>
    expectOAuthError(await postForm(url(), form, asResource()), 400, "invalid_request"),
  );

  it("by JSON: 400 invalid_request", async () => {
    const response = await sendJson("POST", url(), { token: tokens.access_token }, asResource());
    await expectOAuthError(response, 400, "invalid_request");
  });

  it("by GET: 405", async () => {
    const response = await fetch(`${url()}?token=${tokens.access_token}`, { headers: asResource() });
    expect(response.headers.get("allow")).toBe("POST");
    await expectOAuthError(response, 405, "invalid_request");
  });

  it("answers are not stored", async () => {
    const response = await postForm(url(), { token: tokens.access_token }, asResource());
    expect(response.headers.get("cache-control")).toBe("no-store");
  });
});

describe("row 18 (RFC 7009): revocation", () => {
  const url = () => `${server.address}/auth/revoke`;
  const revoke = (form: Fields, client = demo) => postForm(url(), { ...credentialsOf(client), ...form });

  it.each(unknownTokens)("of %s (§2.2): 200 and no event", async (_, token) => {
    const events = await server.eventsOf(async () => expect((await revoke({ token })).status).toBe(200));
    expect(events).toEqual([]);
  });

  it.each(["refresh_token", "access_token", "saml_assertion"])(
    "with the hint %s (§2.1): 200, and the token is dead whatever the hint says",
    async (token_type_hint) => {
      const { access_token } = await tokensOf(server, alice, demo);
      expect((await revoke({ token: access_token, token_type_hint })).status).toBe(200);
      expect(await introspect(server, access_token)).toEqual({ active: false });
    },
  );

  it.each<[string, Fields]>([
    ["no token", {}],
    ["an empty token", { token: "" }],
    ["two tokens", { token: ["a", "b"] }],
  ])("with %s (§2.1): 400 invalid_request", async (_, form) =>
    expectOAuthError(await revoke(form), 400, "invalid_request"),
  );

  it.each(["access_token", "refresh_token"] as const)(
    "of another client's %s (§2.1): refused, and it stays active",
    async (kind) => {
      const events = await server.eventsOf(async () =>
        expectOAuthError(await revoke({ token: tokens[kind] }, web), 400, "invalid_grant"),
      );
      expect(events).toEqual([]);
      expect(await introspect(server, tokens.access_token)).toMatchObject({ active: true });
      tokens = await tokensBy(server, refreshForm(demo, tokens.refresh_token));
    },
  );

  it.each<[string, Fields]>([
    ["an unknown client", { client_id: "c_unknown" }],
    ["a wrong secret", { client_id: "WEB", client_secret: "wrong" }],
    ["no client", { client_id: null }],
  ])("by %s (§2.1): 401 invalid_client, and it stays active", async (_, form) => {
    const client_id = form.client_id === "WEB" ? web.id : (form.client_id ?? null);
    await expectOAuthError(
      await revoke({ token: tokens.access_token, ...form, client_id }),
      401,
      "invalid_client",
    );
    expect(await introspect(server, tokens.access_token)).toMatchObject({ active: true });
  });

  it("of an access token ends that token alone", async () => {
    const first = await tokensOf(server, alice, demo);
    const second = await tokensBy(server, refreshForm(demo, first.refresh_token));
    const events = await server.eventsOf(() => revoke({ token: first.access_token }));
    expect(events).toEqual(["grant.access_token.revoked"]);
    expect(await introspect(server, first.access_token)).toEqual({ active: false });
    expect(await introspect(server, second.access_token)).toMatchObject({ active: true });
    await tokensBy(server, refreshForm(demo, second.refresh_token));
  });

  it.each([
    ["the current refresh token", 1],
    ["a spent refresh token", 0],
  ])("of %s takes its whole family", async (_, index) => {
    const first = await tokensOf(server, alice, demo);
    const second = await tokensBy(server, refreshForm(demo, first.refresh_token));
    const token = [first, second][index]?.refresh_token ?? "";
    expect(await server.eventsOf(() => revoke({ token }))).toEqual(["grant.revoked"]);
    expect(await introspect(server, first.access_token)).toEqual({ active: false });
    expect(await introspect(server, second.access_token)).toEqual({ active: false });
    const again = await postForm(`${server.address}/auth/token`, refreshForm(demo, second.refresh_token));
    await expectOAuthError(again, 400, "invalid_grant");
  });

  it("twice: 200 both times, one event", async () => {
    const { refresh_token: token } = await tokensOf(server, alice, demo);
    const events = await server.eventsOf(async () => {
      expect((await revoke({ token })).status).toBe(200);
      expect((await revoke({ token })).status).toBe(200);
    });
    expect(events).toEqual(["grant.revoked"]);
  });

  it("by GET: 405", async () => {
    const response = await fetch(url());
    expect(response.headers.get("allow")).toBe("POST");
    await expectOAuthError(response, 405, "invalid_request");
  });
});

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
