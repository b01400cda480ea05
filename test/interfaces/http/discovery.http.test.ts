import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

type Json = Record<string, unknown>;

async function getJson(path: string, { address } = server): Promise<{ body: Json; headers: Headers }> {
  const response = await fetch(`${address}${path}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  return { body: (await response.json()) as Json, headers: response.headers };
}

const wellKnown = "/.well-known/oauth-authorization-server";
const maxAge = (headers: Headers): number =>
  Number(/max-age=(\d+)/.exec(headers.get("cache-control") ?? "")?.[1]);

describe("authorization server metadata (RFC 8414 §2)", () => {
  it("names what there is, and nothing else", async () => {
    const { issuer } = server;
    const algorithms = expect.arrayContaining(["ES256", "RS256", "PS256", "EdDSA"]);
    expect((await getJson(wellKnown)).body).toEqual({
      issuer,
      authorization_endpoint: `${issuer}/auth/authorize`,
      token_endpoint: `${issuer}/auth/token`,
      introspection_endpoint: `${issuer}/auth/introspect`,
      revocation_endpoint: `${issuer}/auth/revoke`,
      registration_endpoint: `${issuer}/auth/register`,
      jwks_uri: `${issuer}/auth/jwks`,
      scopes_supported: ["read", "write", "admin"],
      response_types_supported: ["code"],
      response_modes_supported: ["query", "form_post"],
      grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
      token_endpoint_auth_methods_supported: [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "none",
      ],
      token_endpoint_auth_signing_alg_values_supported: algorithms,
      introspection_endpoint_auth_methods_supported: [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
      ],
      introspection_endpoint_auth_signing_alg_values_supported: algorithms,
      revocation_endpoint_auth_methods_supported: [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
        "none",
      ],
      revocation_endpoint_auth_signing_alg_values_supported: algorithms,
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
    });
  });

  it("offers no symmetric algorithm and never none (RFC 8414 §2)", async () => {
    const { body } = await getJson(wellKnown);
    const algorithms = Object.entries(body)
      .filter(([name]) => name.endsWith("_alg_values_supported"))
      .flatMap(([, values]) => values as string[]);
    expect(algorithms.filter((algorithm) => /^(HS|none)/i.test(algorithm))).toEqual([]);
  });

  it("is the same at the guide's address", async () =>
    expect((await getJson(`/auth${wellKnown}`)).body).toEqual((await getJson(wellKnown)).body));

  it("may be cached for a while", async () => expect(maxAge((await getJson(wellKnown)).headers)).toBe(300));

  it.each([
    ["authorization_endpoint", "GET", 400],
    ["token_endpoint", "POST", 400],
    ["introspection_endpoint", "POST", 400],
    ["revocation_endpoint", "POST", 400],
    ["registration_endpoint", "POST", 400],
    ["jwks_uri", "GET", 200],
  ])("%s leads somewhere", async (name, method, status) => {
    const { body } = await getJson(wellKnown);
    expect((await fetch(body[name] as string, { method })).status).toBe(status);
  });

  it("says the issuer exactly as configured (RFC 8414 §3.3)", async () => {
    await using other = await startTestServer({ issuer: "https://LOCALHOST:9443" });
    const { body } = await getJson(wellKnown, other);
    expect(body.issuer).toBe("https://LOCALHOST:9443");
    expect(body.token_endpoint).toBe("https://LOCALHOST:9443/auth/token");
  });

  it("offers none to clients where public ones are not allowed", async () => {
    await using other = await startTestServer({ allowPublicClients: false });
    const { body } = await getJson(wellKnown, other);
    const methods = ["client_secret_basic", "client_secret_post", "private_key_jwt"];
    expect(body.token_endpoint_auth_methods_supported).toEqual(methods);
    expect(body.revocation_endpoint_auth_methods_supported).toEqual(methods);
  });

  it("lists the scopes that are configured", async () => {
    await using other = await startTestServer({ supportedScopes: "read,write,admin,sing" });
    expect((await getJson(wellKnown, other)).body.scopes_supported).toEqual([
      "read",
      "write",
      "admin",
      "sing",
    ]);
  });
});

describe("the key set (RFC 7517 §5)", () => {
  it("holds the next and the active key, public parts alone", async () => {
    const keys = (await getJson("/auth/jwks")).body.keys as Json[];
    expect(keys).toHaveLength(2);
    for (const key of keys)
      expect(key).toEqual({
        kty: "EC",
        crv: "P-256",
        x: expect.any(String),
        y: expect.any(String),
        kid: expect.any(String),
        alg: "ES256",
        use: "sig",
      });
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(2);
  });

  it("is cached for less than a key is published before it signs", async () => {
    const { headers } = await getJson("/auth/jwks");
    expect(maxAge(headers)).toBeGreaterThan(0);
    expect(maxAge(headers) * 1000).toBeLessThan(server.runtime.context.policy.signing.publishFor);
  });
});

describe("the server itself", () => {
  it("GET / names the service, its version and its endpoints", async () => {
    const { body } = await getJson("/");
    const metadata = (await getJson(wellKnown)).body;
    expect(body).toMatchObject({
      service: "dacapo",
      version: "test",
      endpoints: {
        authorization: metadata.authorization_endpoint,
        token: metadata.token_endpoint,
        introspection: metadata.introspection_endpoint,
        revocation: metadata.revocation_endpoint,
        registration: metadata.registration_endpoint,
        keys: metadata.jwks_uri,
        metadata: `${server.issuer}${wellKnown}`,
        health: `${server.issuer}/health`,
      },
    });
  });

  it("GET /livez", async () => expect((await getJson("/livez")).body).toEqual({ status: "alive" }));

  it.each(["/health", "/readyz"])("GET %s answers ready once the read models are fresh", async (path) => {
    await expect
      .poll(async () => (await fetch(`${server.address}${path}`)).status, { timeout: 5_000 })
      .toBe(200);
    const { body, headers } = await getJson(path);
    expect(body).toEqual({ status: "ready" });
    expect(headers.get("cache-control")).toBe("no-store");
  });
});
