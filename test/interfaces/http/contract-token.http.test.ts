import { exportJWK, generateKeyPair } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createResource } from "../../../application/commands/manage-resources.ts";
import {
  codeForm,
  codeOf,
  credentialsOf,
  demoClient,
  type FlowClient,
  flowClient,
  refreshForm,
  requestToken,
  tokensBy,
  tokensOf,
} from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { expectTokenRefused } from "../../support/expect-refused.ts";
import { Person } from "../../support/person.ts";
import { basic, encode, type Fields, postForm, sendJson } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { operator } from "../../support/signed-in.ts";

let server: TestServer;
let demo: FlowClient;
let web: FlowClient;
/** May do nothing but redeem codes. */
let codesOnly: FlowClient;
let alice: Person;
let url: string;

beforeAll(async () => {
  server = await startTestServer();
  url = `${server.address}/auth/token`;
  demo = demoClient(server);
  web = flowClient(await server.client({}));
  codesOnly = flowClient(await server.client({ grantTypes: ["authorization_code"] }));
  alice = new Person(server.address);
  await alice.signIn("alice");
});
afterAll(() => server[Symbol.asyncDispose]());

const expectRefused = (form: Fields, error: string): Promise<void> => expectTokenRefused(server, form, error);

describe("row 10 (RFC 6749 §3.2, §5.2)", () => {
  it.each(["GET", "PUT", "DELETE", "PATCH"])("%s: 405 with Allow", async (method) => {
    const response = await fetch(url, { method });
    expect(response.headers.get("allow")).toBe("POST");
    await expectOAuthError(response, 405, "invalid_request");
  });

  it("GET with a good request in its query: 405, and the code stays good", async () => {
    const code = await codeOf(alice, demo);
    const response = await fetch(`${url}?${encode(codeForm(demo, code))}`);
    expect(response.status).toBe(405);
    await tokensBy(server, codeForm(demo, code));
  });

  it("a JSON body: invalid_request", async () =>
    expectOAuthError(
      await sendJson("POST", url, codeForm(demo, await codeOf(alice, demo))),
      400,
      "invalid_request",
    ));

  it("broken JSON: invalid_request", async () => {
    const headers = { "content-type": "application/json" };
    await expectOAuthError(await fetch(url, { method: "POST", headers, body: "{" }), 400, "invalid_request");
  });

  it("no body: invalid_request", async () =>
    expectOAuthError(await fetch(url, { method: "POST" }), 400, "invalid_request"));

  it.each<[string, Fields]>([
    ["no grant_type", { client_id: "c" }],
    ["an empty grant_type", { grant_type: "", client_id: "c" }],
  ])("%s: invalid_request", async (_, form) => expectRefused(form, "invalid_request"));

  it.each(["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "client_secret"])(
    "%s repeated: invalid_request",
    async (name) => {
      const form = codeForm(web, await codeOf(alice, web));
      const value = form[name] as string;
      await expectRefused({ ...form, [name]: [value, value] }, "invalid_request");
    },
  );

  it.each(["refresh_token", "scope"])("%s repeated: invalid_request", async (name) =>
    expectRefused(
      { ...refreshForm(demo, "dcr_x", { scope: "read" }), [name]: ["a", "a"] },
      "invalid_request",
    ),
  );

  it("resource repeated: accepted (RFC 8707 §2.2)", async () => {
    const resource = [`${server.issuer}/mcp`, server.issuer];
    await tokensBy(server, codeForm(demo, await codeOf(alice, demo), { resource }));
  });

  it.each(["password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "__proto__"])(
    "grant_type=%s: unsupported_grant_type",
    async (grant_type) => expectRefused({ grant_type, client_id: demo.id }, "unsupported_grant_type"),
  );

  it.each<[string, () => Fields]>([
    ["code", () => ({ grant_type: "authorization_code", ...credentialsOf(demo) })],
    ["refresh_token", () => ({ grant_type: "refresh_token", ...credentialsOf(demo) })],
  ])("no %s: invalid_request", async (_, form) => expectRefused(form(), "invalid_request"));

  it("a good answer is not stored either (RFC 6749 §5.1)", async () => {
    const response = await requestToken(server, codeForm(demo, await codeOf(alice, demo)));
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: expect.closeTo(3600, -1),
      scope: "read write",
      refresh_token: expect.any(String),
    });
  });
});

describe("row 11 (RFC 6749 §2.3, §5.2)", () => {
  const form = { grant_type: "client_credentials" };

  it("Basic together with client_secret in the body: invalid_request", async () => {
    const twice = { ...form, client_secret: web.secret };
    await expectOAuthError(
      await postForm(url, twice, basic(web.id, web.secret ?? "")),
      400,
      "invalid_request",
    );
  });

  it("Basic with another client_id in the body: invalid_request", async () => {
    const mixed = { ...form, client_id: demo.id };
    await expectOAuthError(
      await postForm(url, mixed, basic(web.id, web.secret ?? "")),
      400,
      "invalid_request",
    );
  });

  it("Basic with the same client_id in the body: accepted", async () => {
    const same = { ...form, client_id: web.id };
    expect((await postForm(url, same, basic(web.id, web.secret ?? ""))).status).toBe(200);
  });

  it.each<[string, () => Fields]>([
    ["a wrong secret", () => ({ client_id: web.id, client_secret: "wrong" })],
    ["an unknown client", () => ({ client_id: "c_unknown", client_secret: "wrong" })],
    ["an unknown client without a secret", () => ({ client_id: "c_unknown" })],
    ["no client", () => ({})],
    ["a confidential client without its secret", () => ({ client_id: web.id })],
    ["a public client with a secret", () => ({ client_id: demo.id, client_secret: "made-up" })],
    [
      "a resource server",
      () => ({ client_id: server.introspection.id, client_secret: server.introspection.secret }),
    ],
  ])("%s: 401 invalid_client", async (_, credentials) =>
    expectRefused({ ...form, ...credentials() }, "invalid_client"),
  );

  it.each<[string, () => readonly [string, string]]>([
    ["a wrong secret", () => [web.id, "wrong"]],
    ["an unknown client", () => ["c_unknown", "wrong"]],
    ["a public client", () => [demo.id, ""]],
    ["no client id", () => ["", web.secret ?? ""]],
  ])("Basic with %s: 401 invalid_client and WWW-Authenticate: Basic", async (_, credentials) => {
    const response = await postForm(url, form, basic(...credentials()));
    expect(response.headers.get("www-authenticate")).toMatch(/^Basic realm="/);
    await expectOAuthError(response, 401, "invalid_client");
  });

  it("a wrong secret in the form: 401 without a challenge for Basic", async () => {
    const response = await postForm(url, { ...form, client_id: web.id, client_secret: "wrong" });
    expect(response.headers.get("www-authenticate")).toBeNull();
    await expectOAuthError(response, 401, "invalid_client");
  });

  it.each(["Basic !!!", "Basic", `Basic ${btoa("no-colon")}`, "Bearer abc"])(
    "Authorization: %s: 401 invalid_client",
    async (authorization) =>
      expectOAuthError(await postForm(url, form, { authorization }), 401, "invalid_client"),
  );

  it.each([
    ["client_secret_basic", "client_secret_post"],
    ["client_secret_post", "client_secret_basic"],
  ])("a client registered for %s that comes by %s: 401 invalid_client", async (registered, used) => {
    const { client, secret } = await server.client({ authMethods: [registered] });
    const credentials = { client_id: client.clientId, client_secret: secret };
    const send = (method: string): Promise<Response> =>
      method === "client_secret_post"
        ? postForm(url, { ...form, ...credentials })
        : postForm(url, form, basic(client.clientId, secret ?? ""));
    await expectOAuthError(await send(used), 401, "invalid_client");
    expect((await send(registered)).status).toBe(200);
  });

  it("a client registered for private_key_jwt that comes without an assertion: 401 invalid_client", async () => {
    const { publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "1" }] };
    const { client } = await server.client({ authMethods: ["private_key_jwt"], jwks });
    await expectRefused({ ...form, client_id: client.clientId }, "invalid_client");
    await expectRefused({ ...form, client_id: client.clientId, client_secret: "made-up" }, "invalid_client");
  });
});

describe("row 12 (RFC 6749 §5.2)", () => {
  it("a public client with client_credentials (RFC 6749 §4.4): unauthorized_client", async () =>
    expectRefused({ grant_type: "client_credentials", client_id: demo.id }, "unauthorized_client"));

  it.each<[string, () => Fields]>([
    ["client_credentials", () => ({ grant_type: "client_credentials", ...credentialsOf(codesOnly) })],
    ["refresh_token", () => refreshForm(codesOnly, "dcr_x")],
  ])("%s, not registered: unauthorized_client", async (_, form) =>
    expectRefused(form(), "unauthorized_client"),
  );

  it("a client that may not refresh gets no refresh token", async () =>
    expect(await tokensOf(server, alice, codesOnly)).not.toHaveProperty("refresh_token"));

  it.each([
    ["the client's", "read admin"],
    ["all there is", "fly"],
    ["the form of a scope", 'read "write"'],
  ])("a scope beyond %s (RFC 6749 §3.3): invalid_scope", async (_, scope) =>
    expectRefused({ grant_type: "client_credentials", scope, ...credentialsOf(web) }, "invalid_scope"),
  );
});

describe("row 16 (RFC 8707 §2.2): a resource that was not granted", () => {
  beforeAll(async () => {
    const other = { uri: "https://other.example/api", name: "Other", scopes: ["read"], isDefault: false };
    await createResource(server.runtime.context, other, operator);
  });

  it.each([
    "ISSUER",
    "https://other.example/api",
    "https://nowhere.example/mcp",
    "no-uri",
    "ISSUER/mcp#part",
    "ISSUER/mcp ISSUER",
  ])("%s: invalid_target, and code and refresh token stay good", async (template) => {
    const resource = template.replaceAll("ISSUER", server.issuer).split(" ");
    const code = await codeOf(alice, demo, { resource: `${server.issuer}/mcp` });
    await expectRefused(codeForm(demo, code, { resource }), "invalid_target");
    const { refresh_token } = await tokensBy(server, codeForm(demo, code));
    await expectRefused(refreshForm(demo, refresh_token, { resource }), "invalid_target");
    await tokensBy(server, refreshForm(demo, refresh_token));
  });

  it("an unknown one with client_credentials: invalid_target", async () => {
    const form = { grant_type: "client_credentials", resource: "https://nowhere.example/mcp" };
    await expectRefused({ ...form, ...credentialsOf(web) }, "invalid_target");
  });
});
