import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  authorizePath,
  demoClient,
  flowClient,
  refreshForm,
  requestToken,
  tokensBy,
  tokensOf,
} from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { Person } from "../../support/person.ts";
import { clientMetadata, register, selfRegisteredClient } from "../../support/registration.ts";
import { basic, bearer, type Fields, postForm, sendJson } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let alice: Person;
beforeAll(async () => {
  server = await startTestServer();
  alice = new Person(server.address);
  await alice.signIn("alice");
});
afterAll(() => server[Symbol.asyncDispose]());

describe("registration (RFC 7591 §3.2.1) answers", () => {
  it("all that was registered, defaults too", async () => {
    const now = Date.now() / 1000;
    const registered = await register(server);
    expect(registered).toEqual({
      client_id: expect.stringMatching(/^[A-Za-z0-9_-]{20,}$/),
      client_id_issued_at: expect.any(Number),
      client_secret: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      client_secret_expires_at: 0,
      registration_access_token: expect.stringMatching(/^[A-Za-z0-9_-]{43,}$/),
      registration_client_uri: `${server.issuer}/auth/register/${registered.client_id}`,
      client_name: "Score reader",
      redirect_uris: ["https://reader.example/cb"],
      token_endpoint_auth_method: "client_secret_basic",
      grant_types: ["authorization_code"],
      response_types: ["code"],
      scope: "read write",
      application_type: "web",
    });
    expect(Math.abs((registered.client_id_issued_at as number) - now)).toBeLessThan(5);
  });

  it("a public client, which has no secret", async () => {
    const registered = await register(server, { token_endpoint_auth_method: "none" });
    expect(registered).not.toHaveProperty("client_secret");
    expect(registered).not.toHaveProperty("client_secret_expires_at");
  });

  it("what an MCP client sends, whole (as mcp-remote does)", async () => {
    const sent = {
      client_name: "MCP CLI Proxy",
      redirect_uris: ["http://localhost:3334/oauth/callback"],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      client_uri: "https://github.com/modelcontextprotocol/mcp-cli",
      software_id: "2e6dc280-f3c3-4e01-99a7-8181dbd1d23d",
      scope: "read write",
    };
    expect(
      await register(server, { ...sent, software_version: "0.1.0", contacts: ["a@example.com"] }),
    ).toMatchObject(sent);
  });

  it("public keys by value", async () => {
    const { publicKey } = await generateKeyPair("ES256");
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "1" }] };
    const registered = await register(server, { token_endpoint_auth_method: "private_key_jwt", jwks });
    expect(registered).toMatchObject({ token_endpoint_auth_method: "private_key_jwt", jwks });
    expect(registered).not.toHaveProperty("client_secret");
  });

  it("a client that can be used at once, with a warning on the page", async () => {
    const client = selfRegisteredClient(
      await register(server, { token_endpoint_auth_method: "client_secret_post" }),
    );
    const page = await (await alice.open(authorizePath(client))).text();
    expect(page).toContain("Nobody has vouched for this app.");
    await tokensOf(server, alice, client);
  });

  it("a client that never gets admin", async () => {
    const client = selfRegisteredClient(
      await register(server, { token_endpoint_auth_method: "client_secret_post", scope: "read admin" }),
    );
    const admin = new Person(server.address);
    await admin.signIn("admin");
    expect((await tokensOf(server, admin, client, { scope: "read admin" })).scope).toBe("read");
  });
});

describe("the guide's registration by an administrator", () => {
  let adminToken: string;
  beforeAll(async () => {
    const admin = new Person(server.address);
    await admin.signIn("admin");
    const { access_token } = await tokensOf(server, admin, demoClient(server), { scope: "admin" });
    adminToken = access_token;
  });

  const post = (form: Fields) => postForm(`${server.address}/auth/register/client`, form, bearer(adminToken));
  const guide: Fields = {
    client_name: "My Music App",
    redirect_uris: "https://myapp.com/callback,https://myapp.com/auth",
    client_type: "public",
    scope: "read write",
  };

  it("answers the guide's own request", async () => {
    const response = await post(guide);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      client_id: expect.stringMatching(/^[A-Za-z0-9_-]{20,}$/),
      client_secret: null,
      client_type: "public",
      client_name: "My Music App",
      redirect_uris: ["https://myapp.com/callback", "https://myapp.com/auth"],
      scope: "read write",
    });
  });

  it("knows type and scope by default, and spaces after commas", async () => {
    const response = await post({
      client_name: "App",
      redirect_uris: "https://a.example/cb, https://b.example/cb",
    });
    expect(await response.json()).toMatchObject({
      client_type: "public",
      client_secret: null,
      redirect_uris: ["https://a.example/cb", "https://b.example/cb"],
      scope: "read write",
    });
  });

  it("gives a confidential client a secret for Basic and post, and all three grants", async () => {
    const form = { ...guide, client_type: "confidential", redirect_uris: "https://myapp.com/callback" };
    const { client_id, client_secret } = (await (await post(form)).json()) as Record<string, string>;
    const client = { id: client_id ?? "", secret: client_secret ?? "", redirectUri: form.redirect_uris };
    expect(client.secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const { refresh_token } = await tokensOf(server, alice, client);
    await tokensBy(server, refreshForm(client, refresh_token));
    const own = { grant_type: "client_credentials" };
    const token = await postForm(`${server.address}/auth/token`, own, basic(client.id, client.secret));
    expect(token.status).toBe(200);
  });

  it("gives a public client code and refresh, and admin where it is asked for", async () => {
    const { client_id, scope } = (await (await post({ ...guide, scope: "read admin" })).json()) as Record<
      string,
      string
    >;
    expect(scope).toBe("read admin");
    const client = { id: client_id ?? "", secret: null, redirectUri: "https://myapp.com/callback" };
    const { refresh_token } = await tokensOf(server, alice, client);
    await tokensBy(server, refreshForm(client, refresh_token));
  });

  it("cannot be managed by its client (RFC 7592)", async () => {
    const { client_id } = (await (await post(guide)).json()) as Record<string, string>;
    const response = await fetch(`${server.address}/auth/register/${client_id}`, {
      headers: bearer(adminToken),
    });
    await expectOAuthError(response, 401, "invalid_token");
  });

  it.each<[string, Fields, string]>([
    ["no name", { client_name: null }, "invalid_request"],
    ["two names", { client_name: ["a", "b"] }, "invalid_request"],
    ["no redirect URI", { redirect_uris: null }, "invalid_redirect_uri"],
    [
      "a bad redirect URI",
      { redirect_uris: "https://myapp.com/cb,http://myapp.com/cb" },
      "invalid_redirect_uri",
    ],
    ["an unknown type", { client_type: "native" }, "invalid_client_metadata"],
  ])("refuses %s", async (_, changes, error) => {
    const events = await server.eventsOf(async () =>
      expectOAuthError(await post({ ...guide, ...changes }), 400, error),
    );
    expect(events).toEqual([]);
  });
});

describe("allow_public_clients=false", () => {
  let strict: TestServer;
  beforeAll(async () => {
    strict = await startTestServer({ allowPublicClients: false });
  });
  afterAll(() => strict[Symbol.asyncDispose]());

  it("refuses public clients at registration: invalid_client_metadata", async () => {
    const body = { ...clientMetadata, token_endpoint_auth_method: "none" };
    const response = await sendJson("POST", `${strict.address}/auth/register`, body);
    await expectOAuthError(response, 400, "invalid_client_metadata");
  });

  it("refuses them at the administrator's registration: invalid_client_metadata", async () => {
    const client = {
      id: strict.demo.clientId,
      secret: strict.demo.clientSecret,
      redirectUri: "http://localhost:3000/callback",
    };
    expect(client.secret).not.toBeNull();
    const admin = new Person(strict.address);
    await admin.signIn("admin");
    const { access_token } = await tokensOf(strict, admin, client, { scope: "admin" });
    const form = { client_name: "App", redirect_uris: "https://app.example/cb", client_type: "public" };
    const response = await postForm(`${strict.address}/auth/register/client`, form, bearer(access_token));
    await expectOAuthError(response, 400, "invalid_client_metadata");
  });

  it("refuses one of earlier times at use: unauthorized_client", async () => {
    const { policy } = strict.runtime.context;
    const allowing = policy as { allowPublicClients: boolean };
    allowing.allowPublicClients = true;
    const grantTypes = ["authorization_code", "refresh_token"];
    const client = flowClient(await strict.client({ authMethods: ["none"], grantTypes }));
    const person = new Person(strict.address);
    await person.signIn("alice");
    const { refresh_token } = await tokensOf(strict, person, client);
    allowing.allowPublicClients = false;
    const response = await requestToken(strict, refreshForm(client, refresh_token));
    await expectOAuthError(response, 400, "unauthorized_client");
    const asked = await person.open(authorizePath(client));
    expect(new URL(asked.headers.get("location") ?? "").searchParams.get("error")).toBe(
      "unauthorized_client",
    );
  });
});
