import { decodeJwt, exportSPKI, importJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoClient, tokensOf } from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { activeKey, signedByServer } from "../../support/forge.ts";
import { execute, mcpTokens } from "../../support/mcp.ts";
import { bearer, postForm } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { signedIn } from "../../support/signed-in.ts";

let server: TestServer;
/** Opens the MCP server. */
let token: string;
let claims: Record<string, unknown>;

beforeAll(async () => {
  // Confusion of RS with HS needs a server that signs by RSA.
  server = await startTestServer({ signingAlgorithm: "RS256", requireBearer: true });
  token = (await mcpTokens(server, "alice")).access_token;
  claims = decodeJwt(token);
});
afterAll(() => server[Symbol.asyncDispose]());

type Headers = Readonly<Record<string, string>>;
const list = (headers: Headers = {}, query = "") =>
  fetch(`${server.address}/mcp/tools${query}`, { headers: { ...headers } });
const challengeOf = ({ headers }: Response): string => headers.get("www-authenticate") ?? "";
const seconds = () => Math.floor(Date.now() / 1000);

async function expectChallenge(send: () => Promise<Response>, status: number, error: string): Promise<void> {
  const events = await server.eventsOf(async () => {
    const response = await send();
    expect(challengeOf(response)).toContain(`error="${error}"`);
    expect(challengeOf(response)).toContain("resource_metadata=");
    await expectOAuthError(response, status, error);
  });
  expect(events).toEqual([]);
}

const expectInvalid = (forged: string) => expectChallenge(() => list(bearer(forged)), 401, "invalid_token");

it("row 20, MCP: the token that all the others are made of opens it", async () => {
  expect((await list(bearer(token))).status).toBe(200);
  expect((await list(bearer(await signedByServer(server, claims)))).status).toBe(200);
});

describe("row 20, MCP (RFC 6750 §3.1, RFC 9728 §5.1): no token in the header: 401 without an error code, with", () => {
  it.each<[string, () => Promise<Response>]>([
    ["none anywhere", () => list()],
    ["one in the query (OAuth 2.1 §5.1)", () => list({}, `?access_token=${token}`)],
  ])("%s", async (_, send) => {
    const response = await send();
    expect(challengeOf(response)).toMatch(/^Bearer .*resource_metadata="[^"]+"/);
    expect(challengeOf(response)).not.toContain("error=");
    await expectOAuthError(response, 401, "invalid_token");
  });
});

describe("row 20, MCP (RFC 6750 §2): 400 invalid_request for", () => {
  it("a token in header and query at once", async () =>
    expectChallenge(() => list(bearer(token), "?access_token=x"), 400, "invalid_request"));

  it.each(["Bearer", "Bearer a b", "Bearer a,b", 'Bearer "a"', "Basic YTpi", "a"])(
    "the header %s",
    async (authorization) => expectChallenge(() => list({ authorization }), 400, "invalid_request"),
  );
});

describe("row 20, MCP (RFC 9068 §4): 401 invalid_token for a JWT that our own key signed, with", () => {
  it.each<[string, () => Record<string, unknown>]>([
    ["another iss", () => ({ iss: "https://other.example" })],
    ["the authorization server as aud", () => ({ aud: server.issuer })],
    ["a resource as aud whose name begins like ours", () => ({ aud: `${server.issuer}/mcp/more` })],
    ["nbf in the future", () => ({ nbf: seconds() + 60 })],
    ["a grant that does not exist", () => ({ jti: `${"a".repeat(22)}.1` })],
  ])("%s", async (_, changes) => expectInvalid(await signedByServer(server, { ...claims, ...changes() })));

  it("exp in the past, and says so", async () => {
    const expired = await signedByServer(server, { ...claims, exp: seconds() - 1 });
    expect(challengeOf(await list(bearer(expired)))).toContain('error_description="Token expired"');
    await expectInvalid(expired);
  });

  it("typ JWT, as an ID token has it (RFC 9068 §2.1)", async () =>
    expectInvalid(await signedByServer(server, claims, { typ: "JWT" })));

  it("an unknown kid (RFC 7515 §4.1.4)", async () =>
    expectInvalid(await signedByServer(server, claims, { kid: "unknown" })));
});

describe("row 20, MCP (RFC 8725 §2.1): 401 invalid_token for", () => {
  it("alg none", async () => {
    const { kid } = await activeKey(server);
    const [, payload] = token.split(".");
    const header = Buffer.from(JSON.stringify({ alg: "none", kid, typ: "at+jwt" })).toString("base64url");
    await expectInvalid(`${header}.${payload}.`);
  });

  it("HS256 with the RSA public key as its secret", async () => {
    const { kid, publicJwk } = await activeKey(server);
    const pem = await exportSPKI((await importJWK({ ...publicJwk }, "RS256")) as CryptoKey);
    const header = { alg: "HS256", kid, typ: "at+jwt" };
    const secret = new TextEncoder().encode(pem);
    await expectInvalid(await new SignJWT(claims).setProtectedHeader(header).sign(secret));
  });
});

it("row 20, MCP (RFC 7009): 401 invalid_token for a token that was revoked", async () => {
  const { access_token } = await mcpTokens(server, "bob", "read");
  await postForm(`${server.address}/auth/revoke`, { token: access_token, client_id: server.demo.clientId });
  await expectInvalid(access_token);
});

it("row 20, MCP (RFC 6750 §3.1): too little scope: 403, with the scope that the call needs", async () => {
  const { access_token } = await mcpTokens(server, "bob", "read");
  const send = () =>
    execute(server, access_token, "transpose_score", { score_id: "twinkle", interval: "M2" });
  await expectChallenge(send, 403, "insufficient_scope");
  expect(challengeOf(await send())).toContain('scope="write"');
});

describe("row 20, MCP: a session's id", () => {
  let id: string;
  beforeAll(async () => {
    const url = `${server.address}/mcp/session/create`;
    const response = await fetch(url, { method: "POST", headers: bearer(token) });
    id = ((await response.json()) as { session_id: string }).session_id;
  });

  const use = (headers: Headers) =>
    fetch(`${server.address}/mcp/session/${id}/execute/list_scores`, {
      method: "POST",
      headers: { ...headers },
    });

  it("with another user's token: 401 invalid_token", async () => {
    const { access_token } = await mcpTokens(server, "bob", "read");
    await expectChallenge(() => use(bearer(access_token)), 401, "invalid_token");
  });

  it("with another grant of the same user: 401 invalid_token", async () => {
    const { access_token } = await tokensOf(server, await signedIn(server, "alice"), demoClient(server));
    await expectChallenge(() => use(bearer(access_token)), 401, "invalid_token");
  });

  it("with its own token: 200", async () => expect((await use(bearer(token))).status).toBe(200));
});
