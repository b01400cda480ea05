import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createResource } from "../../../application/commands/manage-resources.ts";
import { rotateSigningKeys } from "../../../application/commands/manage-signing-keys.ts";
import { createUser, setUserScopes } from "../../../application/commands/manage-users.ts";
import {
  codeForm,
  codeOf,
  credentialsOf,
  demoClient,
  type FlowClient,
  flowClient,
  refreshForm,
  requestToken,
  type Tokens,
  tokensBy,
  tokensOf,
} from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { introspect } from "../../support/introspection.ts";
import { Person } from "../../support/person.ts";
import type { Fields } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

const operator = { actor: "operator", correlationId: "test" };

let server: TestServer;
let demo: FlowClient;
let web: FlowClient;
let alice: Person;
beforeAll(async () => {
  server = await startTestServer();
  demo = demoClient(server);
  web = flowClient(await server.client({}));
  alice = await signedIn("alice");
});
afterAll(() => server[Symbol.asyncDispose]());

async function signedIn(username: string, { address } = server): Promise<Person> {
  const person = new Person(address);
  await person.signIn(username);
  return person;
}

const ownToken = (client: FlowClient, changes: Fields = {}): Promise<Tokens> =>
  tokensBy(server, { grant_type: "client_credentials", ...credentialsOf(client), ...changes });

async function keySet({ address } = server): Promise<JSONWebKeySet> {
  return (await (await fetch(`${address}/auth/jwks`)).json()) as JSONWebKeySet;
}

/** Checks a token as a resource server does that never asks us (RFC 9068 §4). */
const verified = async (token: string, at = server) =>
  jwtVerify(token, createLocalJWKSet(await keySet(at)), {
    issuer: at.issuer,
    audience: `${at.issuer}/mcp`,
    typ: "at+jwt",
  });

describe("a JWT access token (RFC 9068 §2.2)", () => {
  it("says who, for whom, what and until when, and nothing of the person but an id", async () => {
    const before = Math.floor(Date.now() / 1000);
    const tokens = await tokensOf(server, alice, demo);
    const { payload, protectedHeader } = await verified(tokens.access_token);
    expect(protectedHeader).toEqual({ alg: "ES256", kid: expect.any(String), typ: "at+jwt" });
    expect(payload).toEqual({
      iss: server.issuer,
      sub: expect.stringMatching(/^u_[A-Za-z0-9_-]{22}$/),
      aud: [`${server.issuer}/mcp`, server.issuer],
      client_id: demo.id,
      scope: "read write",
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: expect.any(Number),
      auth_time: expect.any(Number),
      sid: expect.any(String),
      client_epoch: 0,
      user_epoch: 0,
    });
    const { iat = 0, exp = 0, auth_time } = payload;
    expect(iat).toBeGreaterThanOrEqual(before);
    expect(exp - iat).toBe(3600);
    expect(auth_time).toBeLessThanOrEqual(iat);
    expect(tokens.expires_in).toBeCloseTo(3_600, -1);
  });

  it("has the same sub for the same person, and another jti each time", async () => {
    const [first, second] = [await tokensOf(server, alice, demo), await tokensOf(server, alice, web)];
    const [one, other] = [decodeJwt(first.access_token), decodeJwt(second.access_token)];
    expect(one.sub).toBe(other.sub);
    expect(one.jti).not.toBe(other.jti);
  });

  it("of a client for itself has the client as its sub, which no person's can be", async () => {
    const tokens = await ownToken(web);
    expect(tokens).not.toHaveProperty("refresh_token");
    const payload = decodeJwt(tokens.access_token);
    expect(payload).toMatchObject({ sub: web.id, client_id: web.id, scope: "read write" });
    expect(payload).not.toHaveProperty("auth_time");
    expect(payload).not.toHaveProperty("sid");
    expect(web.id).toMatch(/^c_/);
  });

  it("is introspected as it says (RFC 7662 §2.2)", async () => {
    const { access_token } = await tokensOf(server, alice, demo);
    const { client_epoch, user_epoch, ...claims } = decodeJwt(access_token);
    expect(await introspect(server, access_token)).toEqual({ active: true, token_type: "Bearer", ...claims });
  });

  it.each([
    ["ES256", "EC"],
    ["EdDSA", "OKP"],
    ["RS256", "RSA"],
  ])("is signed by %s where that is configured", async (signingAlgorithm, kty) => {
    await using other = await startTestServer({ signingAlgorithm });
    const person = await signedIn("alice", other);
    const { access_token } = await tokensOf(other, person, demoClient(other));
    expect(decodeProtectedHeader(access_token)).toMatchObject({ alg: signingAlgorithm, typ: "at+jwt" });
    const { keys } = await keySet(other);
    expect(keys).toMatchObject([
      { kty, alg: signingAlgorithm, use: "sig" },
      { kty, alg: signingAlgorithm, use: "sig" },
    ]);
    for (const secret of ["d", "p", "q", "dp", "dq", "qi", "k"])
      for (const key of keys) expect(key).not.toHaveProperty(secret);
    expect((await verified(access_token, other)).payload.client_id).toBe(demoClient(other).id);
    expect(await introspect(other, access_token)).toMatchObject({ active: true });
  });
});

describe("an opaque access token, by the client's setting", () => {
  let opaque: FlowClient;
  beforeAll(async () => {
    opaque = flowClient(await server.client({ tokenFormat: "opaque" }));
  });

  it("says nothing by itself and all at introspection", async () => {
    const tokens = await tokensOf(server, alice, opaque);
    expect(tokens.access_token).toMatch(/^dca_[A-Za-z0-9_.-]+$/);
    const { sub } = decodeJwt((await tokensOf(server, alice, web)).access_token);
    const parts = tokens.access_token.slice("dca_".length).split(".");
    for (const part of parts)
      for (const text of [part, Buffer.from(part, "base64url").toString("latin1")])
        expect(text).not.toContain(sub);
    expect(await introspect(server, tokens.access_token)).toMatchObject({
      active: true,
      sub,
      client_id: opaque.id,
      scope: "read write",
      aud: `${server.issuer}/mcp`,
    });
  });

  it("is dead once it was changed or revoked", async () => {
    const { access_token } = await tokensOf(server, alice, opaque);
    const changed = access_token.slice(0, -4) + access_token.slice(-4).split("").reverse().join("");
    expect(changed).not.toBe(access_token);
    expect(await introspect(server, changed)).toEqual({ active: false });
    expect(await introspect(server, access_token)).toMatchObject({ active: true });
    const form = new URLSearchParams({
      token: access_token,
      client_id: opaque.id,
      client_secret: opaque.secret ?? "",
    });
    await fetch(`${server.address}/auth/revoke`, { method: "POST", body: form });
    expect(await introspect(server, access_token)).toEqual({ active: false });
  });

  it("is refreshed into another one", async () => {
    const { refresh_token } = await tokensOf(server, alice, opaque);
    const refreshed = await tokensBy(server, refreshForm(opaque, refresh_token));
    expect(await introspect(server, refreshed.access_token)).toMatchObject({ active: true });
  });
});

describe("resources (RFC 8707)", () => {
  const api = "https://api.example/v1";
  let mcp: string;
  beforeAll(async () => {
    mcp = `${server.issuer}/mcp`;
    const resource = { uri: api, name: "API", scopes: ["read"], isDefault: false };
    await createResource(server.runtime.context, resource, operator);
  });

  const audOf = ({ access_token }: Tokens) => decodeJwt(access_token).aud;

  it.each<[string, () => Fields, () => string | string[]]>([
    ["none asked: the default ones", () => ({}), () => mcp],
    ["one asked", () => ({ resource: api }), () => api],
    ["two asked, in their order", () => ({ resource: [api, mcp] }), () => [api, mcp]],
    ["the same twice", () => ({ resource: [api, api] }), () => api],
    ["written another way", () => ({ resource: "HTTPS://API.example:443/v1" }), () => api],
  ])("§2: %s", async (_, asked, aud) => {
    expect(audOf(await tokensOf(server, alice, web, asked()))).toEqual(aud());
    expect(audOf(await ownToken(web, asked()))).toEqual(aud());
  });

  it("a client with the scope admin has the issuer among its default ones, another cannot ask for it", async () => {
    expect(audOf(await tokensOf(server, alice, demo))).toEqual([mcp, server.issuer]);
    const response = await requestToken(server, {
      grant_type: "client_credentials",
      ...credentialsOf(web),
      resource: server.issuer,
    });
    await expectOAuthError(response, 400, "invalid_target");
  });

  it("§2.2: the token request narrows, and the refresh token keeps all that was granted", async () => {
    const code = await codeOf(alice, web, { resource: [api, mcp] });
    const first = await tokensBy(server, codeForm(web, code, { resource: api }));
    expect(audOf(first)).toBe(api);
    const second = await tokensBy(server, refreshForm(web, first.refresh_token, { resource: mcp }));
    expect(audOf(second)).toBe(mcp);
    const third = await tokensBy(server, refreshForm(web, second.refresh_token));
    expect(audOf(third)).toEqual([api, mcp]);
  });
});

describe("key rotation (RFC 7517 §5)", () => {
  it("publishes next, active and retired; tokens of the old key stay good", async () => {
    await using rotating = await startTestServer();
    const person = await signedIn("alice", rotating);
    const client = demoClient(rotating);
    const kidsOf = async () => (await keySet(rotating)).keys.map(({ kid }) => kid);
    const [next, active] = await kidsOf();
    const old = await tokensOf(rotating, person, client);
    expect(decodeProtectedHeader(old.access_token).kid).toBe(active);

    const events = await rotating.eventsOf(() =>
      rotateSigningKeys(rotating.runtime.context, { force: true }, operator),
    );
    expect(events).toEqual(["signing_keys.rotated"]);
    const fresh = await tokensBy(rotating, refreshForm(client, old.refresh_token));
    expect(decodeProtectedHeader(fresh.access_token).kid).toBe(next);
    expect(await kidsOf()).toEqual([expect.not.stringMatching(`^(${next}|${active})$`), next, active]);
    for (const { access_token } of [old, fresh]) {
      await verified(access_token, rotating);
      expect(await introspect(rotating, access_token)).toMatchObject({ active: true });
    }
  });

  it("is refused while verifiers may not know the next key, and changes nothing", async () => {
    const before = await keySet();
    await expect(rotateSigningKeys(server.runtime.context, { force: false }, operator)).rejects.toThrow(
      "published too recently",
    );
    expect(await keySet()).toEqual(before);
  });
});

describe("scopes that are taken from a person (I7)", () => {
  it("disappear at introspection and at the next refresh; with none left the token is dead", async () => {
    const { context } = server.runtime;
    const user = { username: "carol", password: "password", scopes: ["read", "write"] };
    const { userId } = await createUser(context, user, operator);
    const carol = await signedIn("carol");
    const { access_token, refresh_token } = await tokensOf(server, carol, demo);
    await setUserScopes(context, userId, ["write"], operator);
    expect(await introspect(server, access_token)).toMatchObject({ active: true, scope: "write" });
    const refreshed = await tokensBy(server, refreshForm(demo, refresh_token));
    expect(refreshed.scope).toBe("write");
    await setUserScopes(context, userId, ["read", "write", "admin"], operator);
    expect(await introspect(server, access_token)).toMatchObject({ scope: "read write" });
    await setUserScopes(context, userId, ["admin"], operator);
    expect(await introspect(server, access_token)).toEqual({ active: false });
    const response = await requestToken(server, refreshForm(demo, refreshed.refresh_token));
    await expectOAuthError(response, 400, "invalid_grant");
  });
});

describe("a refresh token at introspection (RFC 7662 §2.2)", () => {
  it("is known to its own client, by its current form alone", async () => {
    const credentials = { id: web.id, secret: web.secret ?? "" };
    const first = await tokensOf(server, alice, web);
    expect(await introspect(server, first.refresh_token, credentials)).toEqual({
      active: true,
      scope: "read write",
      client_id: web.id,
      sub: decodeJwt(first.access_token).sub,
      iss: server.issuer,
      iat: expect.any(Number),
      exp: expect.any(Number),
    });
    const second = await tokensBy(server, refreshForm(web, first.refresh_token));
    expect(await introspect(server, first.refresh_token, credentials)).toEqual({ active: false });
    expect(await introspect(server, second.refresh_token, credentials)).toMatchObject({ active: true });
  });

  it("lives 30 days from its last use (§1)", async () => {
    const { refresh_token } = await tokensOf(server, alice, web);
    const answer = await introspect(server, refresh_token, { id: web.id, secret: web.secret ?? "" });
    expect((answer.exp as number) - (answer.iat as number)).toBe(30 * 86_400);
  });

  it("is nothing to a resource server or another client", async () => {
    const { refresh_token } = await tokensOf(server, alice, web);
    expect(await introspect(server, refresh_token)).toEqual({ active: false });
    const other = flowClient(await server.client({}));
    const credentials = { id: other.id, secret: other.secret ?? "" };
    expect(await introspect(server, refresh_token, credentials)).toEqual({ active: false });
  });
});
