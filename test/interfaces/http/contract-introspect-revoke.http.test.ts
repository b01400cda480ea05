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
