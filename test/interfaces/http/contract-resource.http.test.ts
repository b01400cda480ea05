import { decodeJwt, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Code,
  codeOf,
  demoClient,
  type FlowClient,
  type Tokens,
  tokensOf,
} from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { activeKey, signedByServer } from "../../support/forge.ts";
import { Person } from "../../support/person.ts";
import { bearer, type Fields, postForm } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let demo: FlowClient;
let admin: Person;
let alice: Person;
/** Opens the resource. */
let tokens: Tokens;
let claims: Record<string, unknown>;
let url: string;

beforeAll(async () => {
  server = await startTestServer();
  demo = demoClient(server);
  url = `${server.address}/auth/register/client`;
  admin = new Person(server.address);
  alice = new Person(server.address);
  await Promise.all([admin.signIn("admin"), alice.signIn("alice")]);
  tokens = await tokensOf(server, admin, demo, { scope: "read write admin" });
  claims = decodeJwt(tokens.access_token);
});
afterAll(() => server[Symbol.asyncDispose]());

const form: Fields = { client_name: "App", redirect_uris: "https://app.example/cb" };

interface Challenge {
  readonly status: number;
  /** In WWW-Authenticate; null where it must name none. */
  readonly error: string | null;
}

async function expectChallenge(send: () => Promise<Response>, { status, error }: Challenge): Promise<void> {
  const events = await server.eventsOf(async () => {
    const response = await send();
    const challenge = response.headers.get("www-authenticate") ?? "";
    expect(challenge).toMatch(/^Bearer realm="dacapo"/);
    expect(challenge).toContain(`scope="admin"`);
    expect(/error="([^"]*)"/.exec(challenge)?.[1] ?? null).toBe(error);
    await expectOAuthError(response, status, error ?? "invalid_token");
  });
  expect(events).toEqual([]);
}

const expectInvalid = (token: string) =>
  expectChallenge(() => postForm(url, form, bearer(token)), { status: 401, error: "invalid_token" });

it("row 20: the token that all the others are made of opens it", async () => {
  expect((await postForm(url, form, bearer(tokens.access_token))).status).toBe(200);
  const copy = await signedByServer(server, claims);
  expect((await postForm(url, form, bearer(copy))).status).toBe(200);
});

describe("row 20 (RFC 6750 §3.1): no token in the header: 401 without an error code, with", () => {
  it.each<[string, () => Promise<Response>]>([
    ["none anywhere", () => postForm(url, form)],
    ["one in the query (OAuth 2.1 §5.1)", () => postForm(`${url}?access_token=${tokens.access_token}`, form)],
    ["one in the form", () => postForm(url, { ...form, access_token: tokens.access_token })],
  ])("%s", async (_, send) => expectChallenge(send, { status: 401, error: null }));
});

describe("row 20 (RFC 6750 §2, §3.1): 400 invalid_request for", () => {
  const malformed = { status: 400, error: "invalid_request" };

  it.each<[string, () => Promise<Response>]>([
    ["header and query", () => postForm(`${url}?access_token=x`, form, bearer(tokens.access_token))],
    ["header and form", () => postForm(url, { ...form, access_token: "x" }, bearer(tokens.access_token))],
  ])("a token by %s at once", async (_, send) => expectChallenge(send, malformed));

  it.each(["Bearer", "Bearer a b", "Bearer a,b", 'Bearer "a"', "Bearer =", "Bearer:a", "a"])(
    "the header %s",
    async (authorization) => expectChallenge(() => postForm(url, form, { authorization }), malformed),
  );
});

describe("row 20 (RFC 6750 §3.1): 401 invalid_token for", () => {
  let code: Code;
  beforeAll(async () => {
    code = await codeOf(alice, demo);
  });

  it.each<[string, () => string]>([
    ["any word", () => "x"],
    ["three parts that are no JWT", () => "a.b.c"],
    ["what looks like an opaque token", () => `dca_${"a".repeat(80)}`],
    ["a refresh token", () => tokens.refresh_token],
    ["an authorization code", () => code.code],
    ["a lone header", () => tokens.access_token.split(".")[0] ?? ""],
  ])("%s", async (_, token) => expectInvalid(token()));

  it("a revoked token", async () => {
    const { access_token } = await tokensOf(server, admin, demo, { scope: "admin" });
    expect((await postForm(url, form, bearer(access_token))).status).toBe(200);
    await postForm(`${server.address}/auth/revoke`, { token: access_token, client_id: demo.id });
    await expectInvalid(access_token);
  });

  it("a token for another resource (RFC 9068 §4)", async () => {
    const resource = `${server.issuer}/mcp`;
    const { access_token } = await tokensOf(server, admin, demo, { scope: "admin", resource });
    await expectInvalid(access_token);
  });
});

describe("row 20 (RFC 9068 §4): 401 invalid_token for a JWT that our own key signed, with", () => {
  const seconds = () => Math.floor(Date.now() / 1000);

  it.each<[string, () => Record<string, unknown>]>([
    ["another iss", () => ({ iss: "https://other.example" })],
    ["no iss", () => ({ iss: undefined })],
    ["another aud", () => ({ aud: "https://other.example" })],
    ["no aud", () => ({ aud: undefined })],
    ["exp in the past", () => ({ exp: seconds() - 1 })],
    ["no exp", () => ({ exp: undefined })],
    ["nbf in the future", () => ({ nbf: seconds() + 60 })],
    ["a grant that does not exist", () => ({ jti: `${"a".repeat(22)}.1` })],
    ["a jti of another form", () => ({ jti: "1" })],
    ["another client", () => ({ client_id: "c_other" })],
  ])("%s", async (_, changes) => expectInvalid(await signedByServer(server, { ...claims, ...changes() })));

  it.each(["JWT", "jwt", "logout+jwt", undefined])("typ %s (RFC 9068 §2.1)", async (typ) =>
    expectInvalid(await signedByServer(server, claims, { typ: typ as string })),
  );

  it("the content of an ID token (OpenID Connect Core §2)", async () => {
    const { iss, sub, iat, exp } = claims;
    await expectInvalid(await signedByServer(server, { iss, sub, iat, exp, aud: demo.id }, { typ: "JWT" }));
  });

  it("an unknown kid (RFC 7515 §4.1.4)", async () =>
    expectInvalid(await signedByServer(server, claims, { kid: "unknown" })));
});

describe("row 20 (RFC 8725 §2.1, §3.1): 401 invalid_token for a JWT signed by", () => {
  const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  it.each(["none", "None", "NONE"])("nobody, alg %s", async (alg) => {
    const { kid } = await activeKey(server);
    await expectInvalid(`${encoded({ alg, kid, typ: "at+jwt" })}.${encoded(claims)}.`);
  });

  it.each<[string, (publicJwk: Record<string, string>) => Promise<string>]>([
    ["as PEM", async (jwk) => exportSPKI((await importJWK(jwk, "ES256")) as CryptoKey)],
    ["as JWK", async (jwk) => JSON.stringify(jwk)],
  ])("the public key %s, as the secret of HS256", async (_, secretOf) => {
    const { kid, publicJwk } = await activeKey(server);
    const secret = new TextEncoder().encode(await secretOf({ ...publicJwk }));
    const header = { alg: "HS256", kid, typ: "at+jwt" };
    await expectInvalid(await new SignJWT(claims).setProtectedHeader(header).sign(secret));
  });

  it.each(["RS256", "ES256", "EdDSA"])("somebody else's %s key under our kid", async (alg) => {
    const { kid } = await activeKey(server);
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const jwk = await exportJWK(publicKey);
    const header = { alg, kid, jwk, typ: "at+jwt" };
    await expectInvalid(await new SignJWT(claims).setProtectedHeader(header).sign(privateKey));
  });
});

it("row 20 (RFC 6750 §3.1): too little scope: 403 insufficient_scope, with the scope that the call needs", async () => {
  const { access_token } = await tokensOf(server, alice, demo);
  const send = () => postForm(url, form, bearer(access_token));
  await expectChallenge(send, { status: 403, error: "insufficient_scope" });
});
