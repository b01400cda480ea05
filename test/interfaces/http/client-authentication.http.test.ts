import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { registerClient } from "../../../application/commands/register-client.ts";
import { codeForm, codeOf, flowClient, refreshForm, tokensBy } from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { Person } from "../../support/person.ts";
import { basic, type Fields, postForm } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startTestServer();
  url = `${server.address}/auth/token`;
});
afterAll(() => server[Symbol.asyncDispose]());

const own: Fields = { grant_type: "client_credentials" };

describe("a secret (RFC 6749 §2.3.1)", () => {
  it.each(["client_secret_basic", "client_secret_post"])("by %s gets a token", async (method) => {
    const { client, secret } = await server.client({ authMethods: [method] });
    const byPost = { client_id: client.clientId, client_secret: secret };
    const response =
      method === "client_secret_post"
        ? await postForm(url, { ...own, ...byPost })
        : await postForm(url, own, basic(client.clientId, secret ?? ""));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ scope: "read write", token_type: "Bearer" });
  });

  /** A client with a secret that a person chose, as an import brings it. */
  async function importedClient(secret: string): Promise<string> {
    const { passwords } = server.runtime.context;
    const id = `imported-${randomUUID()}`;
    await registerClient(server.runtime.context, {
      request: {
        name: "Imported",
        redirectUris: [],
        authMethods: ["client_secret_basic", "client_secret_post"],
        grantTypes: ["client_credentials"],
      },
      origin: "operator",
      isSelfManaged: false,
      credentials: { id, secret: { kind: "argon2id", hash: await passwords.hash(secret), validUntil: null } },
      metadata: { actor: "operator", correlationId: "test" },
    });
    return id;
  }

  it.each(["with:colons:in it", "100% sure", "grüße", "plain-and.simple_~"])(
    "that a person chose, %j, by Basic form-encoded and not, and by post",
    async (secret) => {
      const client_id = await importedClient(secret);
      const encoded = encodeURIComponent(secret).replaceAll("%20", "+");
      expect((await postForm(url, own, basic(client_id, encoded))).status).toBe(200);
      expect((await postForm(url, own, basic(client_id, secret))).status).toBe(200);
      expect((await postForm(url, { ...own, client_id, client_secret: secret })).status).toBe(200);
      await expectOAuthError(await postForm(url, own, basic(client_id, `${secret}.`)), 401, "invalid_client");
    },
  );
});

describe("none (OAuth 2.1 §2.4)", () => {
  it("lets a public client redeem and refresh by its client_id alone", async () => {
    const grantTypes = ["authorization_code", "refresh_token"];
    const client = flowClient(await server.client({ authMethods: ["none"], grantTypes }));
    const person = new Person(server.address);
    await person.signIn("alice");
    const { refresh_token } = await tokensBy(server, codeForm(client, await codeOf(person, client)));
    await tokensBy(server, refreshForm(client, refresh_token));
  });
});

describe("require_pkce=false (OAuth 2.1 §7.5.1)", () => {
  let lenient: TestServer;
  let person: Person;
  beforeAll(async () => {
    lenient = await startTestServer({ requirePkce: false });
    person = new Person(lenient.address);
    await person.signIn("alice");
  });
  afterAll(() => lenient[Symbol.asyncDispose]());
  const without: Fields = { code_challenge: null, code_challenge_method: null };

  it("frees a confidential client", async () => {
    const client = flowClient(await lenient.client({}));
    const code = await codeOf(person, client, without);
    await tokensBy(lenient, codeForm(client, code, { code_verifier: null }));
  });

  it("refuses a verifier where there was no challenge (RFC 9700 §4.8.2)", async () => {
    const client = flowClient(await lenient.client({}));
    const code = await codeOf(person, client, without);
    const response = await postForm(`${lenient.address}/auth/token`, codeForm(client, code));
    await expectOAuthError(response, 400, "invalid_grant", "Invalid code verifier");
  });

  it("frees no public client", async () => {
    const request = { authMethods: ["none"], grantTypes: ["authorization_code"] };
    const client = flowClient(await lenient.client(request));
    await expect(codeOf(person, client, without)).rejects.toThrow("invalid_request");
  });
});
