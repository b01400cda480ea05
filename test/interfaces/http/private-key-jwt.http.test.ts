import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectOAuthError } from "../../support/expect-error.ts";
import { basic, type Fields, postForm, sendJson } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startTestServer();
  url = `${server.address}/auth/token`;
});
afterAll(() => server[Symbol.asyncDispose]());

const own: Fields = { grant_type: "client_credentials" };

describe("private_key_jwt (RFC 7523)", () => {
  const type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  const keyOf = async (alg: string, kid: string) => {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } as JWK };
  };
  type Key = Awaited<ReturnType<typeof keyOf>>;

  let keys: Record<"ES256" | "EdDSA" | "RS256" | "PS256" | "RS512", Key>;
  let stranger: Key;
  let clientId: string;

  beforeAll(async () => {
    const [ES256, EdDSA, RS256, PS256, RS512, other] = await Promise.all([
      keyOf("ES256", "es"),
      keyOf("EdDSA", "ed"),
      keyOf("RS256", "rs"),
      keyOf("PS256", "ps"),
      keyOf("RS512", "rs512"),
      keyOf("ES256", "es"),
    ]);
    keys = { ES256, EdDSA, RS256, PS256, RS512 };
    stranger = other;
    const { client } = await server.client({
      authMethods: ["private_key_jwt"],
      jwks: { keys: Object.values(keys).map(({ jwk }) => ({ ...jwk })) },
    });
    clientId = client.clientId;
  });

  const seconds = () => Math.floor(Date.now() / 1000);

  interface Changes {
    readonly claims?: Record<string, unknown>;
    readonly header?: { readonly kid?: string; readonly typ?: string };
    readonly key?:
      | Key
      | { readonly privateKey: Uint8Array; readonly jwk: { readonly alg: string; readonly kid: string } };
  }

  /** An assertion that keeps every rule, but for these changes. */
  function assertion({ claims = {}, header = {}, key = keys.ES256 }: Changes = {}): Promise<string> {
    const { alg = "", kid = "" } = key.jwk;
    return new SignJWT({
      iss: clientId,
      sub: clientId,
      aud: server.issuer,
      iat: seconds(),
      exp: seconds() + 60,
      jti: randomUUID(),
      ...claims,
    })
      .setProtectedHeader({ alg, kid, ...header })
      .sign(key.privateKey);
  }

  const form = (client_assertion: string, changes: Fields = {}): Fields => ({
    ...own,
    client_assertion_type: type,
    client_assertion,
    ...changes,
  });

  async function expectRefused(client_assertion: string): Promise<void> {
    const events = await server.eventsOf(async () =>
      expectOAuthError(await postForm(url, form(client_assertion)), 401, "invalid_client"),
    );
    expect(events).toEqual([]);
  }

  it.each(["ES256", "EdDSA", "RS256", "PS256"] as const)("gets a token by %s", async (alg) => {
    const send = async () => postForm(url, form(await assertion({ key: keys[alg] })));
    const events = await server.eventsOf(async () => expect((await send()).status).toBe(200));
    expect(events).toEqual(["client.assertion.used", "grant.client_credentials.issued"]);
  });

  it("may say its client_id beside it (RFC 7521 §4.2)", async () =>
    expect((await postForm(url, form(await assertion(), { client_id: clientId }))).status).toBe(200));

  it("works at introspection and revocation too", async () => {
    const token = ((await (await postForm(url, form(await assertion()))).json()) as { access_token: string })
      .access_token;
    const at = async (path: string) =>
      postForm(`${server.address}${path}`, { ...form(await assertion()), grant_type: null, token });
    expect(await (await at("/auth/introspect")).json()).toMatchObject({ active: true, client_id: clientId });
    expect((await at("/auth/revoke")).status).toBe(200);
    expect(await (await at("/auth/introspect")).json()).toEqual({ active: false });
  });

  it.each<[string, () => Record<string, unknown>]>([
    ["another iss", () => ({ iss: "c_other" })],
    ["no iss", () => ({ iss: undefined })],
    ["another sub", () => ({ sub: server.demo.clientId })],
    ["no sub", () => ({ sub: undefined })],
    ["another aud", () => ({ aud: "https://other.example" })],
    ["the token endpoint as aud", () => ({ aud: `${server.issuer}/auth/token` })],
    ["aud as a list", () => ({ aud: [server.issuer] })],
    ["no aud", () => ({ aud: undefined })],
    ["no exp", () => ({ exp: undefined })],
    ["exp in the past", () => ({ exp: seconds() - 30 })],
    ["exp more than five minutes ahead", () => ({ exp: seconds() + 330 })],
    ["nbf in the future", () => ({ nbf: seconds() + 60 })],
    ["iat in the future", () => ({ iat: seconds() + 60 })],
    ["no jti", () => ({ jti: undefined })],
    ["an empty jti", () => ({ jti: "" })],
    ["a jti without end", () => ({ jti: "j".repeat(300) })],
  ])("§3: %s: 401 invalid_client, and no event", async (_, claims) =>
    expectRefused(await assertion({ claims: claims() })),
  );

  it("§3: the key of somebody else: 401 invalid_client", async () =>
    expectRefused(await assertion({ key: stranger })));

  it("§3: an unknown kid: 401 invalid_client", async () =>
    expectRefused(await assertion({ header: { kid: "unknown" } })));

  it("§5: an algorithm that is not on the list: 401 invalid_client", async () =>
    expectRefused(await assertion({ key: keys.RS512 })));

  it("RFC 8725 §2.1: HS256 with the public key as its secret: 401 invalid_client", async () => {
    const secret = new TextEncoder().encode(JSON.stringify(keys.ES256.jwk));
    await expectRefused(await assertion({ key: { privateKey: secret, jwk: { alg: "HS256", kid: "es" } } }));
  });

  it("RFC 8725 §3.1: alg none: 401 invalid_client", async () => {
    const [, payload] = (await assertion()).split(".");
    const header = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
    await expectRefused(`${header}.${payload}.`);
  });

  it.each(["", "x", "a.b.c"])("text that is no JWT, %j: refused", async (text) => {
    expect((await postForm(url, form(text))).status).toBe(401);
  });

  it("an access token of ours is no assertion: 401 invalid_client", async () => {
    const response = await postForm(url, form(await assertion()));
    const { access_token } = (await response.json()) as { access_token: string };
    await expectRefused(access_token);
  });

  it("§3: a jti twice: 401 invalid_client the second time, though exp differs", async () => {
    const jti = randomUUID();
    expect((await postForm(url, form(await assertion({ claims: { jti } })))).status).toBe(200);
    await expectRefused(await assertion({ claims: { jti, exp: seconds() + 200 } }));
  });

  it("§3: a jti twenty times at once: once", async () => {
    const same = await assertion();
    const responses = await Promise.all(Array.from({ length: 20 }, () => postForm(url, form(same))));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(401)]);
  });

  it("the same jti of two clients: both", async () => {
    const jwks = { keys: [{ ...keys.ES256.jwk }] };
    const { client } = await server.client({ authMethods: ["private_key_jwt"], jwks });
    const jti = randomUUID();
    const other = { jti, iss: client.clientId, sub: client.clientId };
    expect((await postForm(url, form(await assertion({ claims: { jti } })))).status).toBe(200);
    expect((await postForm(url, form(await assertion({ claims: other })))).status).toBe(200);
  });

  it.each<[string, (good: string) => Fields]>([
    ["client_secret", (good) => form(good, { client_id: clientId, client_secret: "x" })],
    ["another client_id", (good) => form(good, { client_id: server.demo.clientId })],
    ["another client_assertion_type", (good) => form(good, { client_assertion_type: "urn:example:other" })],
    ["no client_assertion_type", (good) => form(good, { client_assertion_type: null })],
    ["a second assertion", (good) => form("", { client_assertion: [good, good] })],
  ])("together with %s: 400 invalid_request (RFC 6749 §2.3)", async (_, changed) =>
    expectOAuthError(await postForm(url, changed(await assertion())), 400, "invalid_request"),
  );

  it("together with Basic: 400 invalid_request", async () => {
    const response = await postForm(url, form(await assertion()), basic(clientId, "x"));
    await expectOAuthError(response, 400, "invalid_request");
  });

  it("is not taken from a client that registered for secrets", async () => {
    const { client } = await server.client({ jwks: { keys: [{ ...keys.ES256.jwk }] } });
    await expectRefused(await assertion({ claims: { iss: client.clientId, sub: client.clientId } }));
  });

  describe("with a jwks_uri", () => {
    let connections = 0;
    const listener = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    beforeAll(async () => {
      listener.listen(0); // both families
      await once(listener, "listening");
    });
    afterAll(() => {
      listener.close();
    });

    it.each(["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"])(
      "never reaches the machine itself, %s (RFC 9700 §2.6)",
      async (host) => {
        const { port } = listener.address() as AddressInfo;
        const jwksUri = `https://${host}:${port}/jwks`;
        const { client } = await server.client({ authMethods: ["private_key_jwt"], jwksUri });
        await expectRefused(await assertion({ claims: { iss: client.clientId, sub: client.clientId } }));
        expect(connections).toBe(0);
      },
    );

    it.each(["http://app.example/jwks", "file:///etc/passwd", "jwks"])(
      "%s cannot be registered",
      async (jwks_uri) => {
        const body = {
          redirect_uris: ["https://a.example/"],
          token_endpoint_auth_method: "private_key_jwt",
          jwks_uri,
        };
        const response = await sendJson("POST", `${server.address}/auth/register`, body);
        await expectOAuthError(response, 400, "invalid_client_metadata");
      },
    );
  });
});
