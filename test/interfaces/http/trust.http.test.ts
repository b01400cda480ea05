import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setResourceStatus } from "../../../application/commands/manage-resources.ts";
import { Person, pkcePair } from "../../support/person.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

interface Registered {
  readonly client_id: string;
  readonly registration_access_token: string;
  readonly registration_client_uri: string;
}

const metadata = { actor: "operator", correlationId: "test" };
const redirectUri = "https://client.example/callback";

async function register(body: object): Promise<Response> {
  return await fetch(`${server.issuer}/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

const requestOf = (clientId: string, challenge: string) => ({
  response_type: "code",
  client_id: clientId,
  redirect_uri: redirectUri,
  code_challenge: challenge,
  code_challenge_method: "S256",
});

describe("a client that registered itself", () => {
  it("cannot have more granted than the page showed, whatever it changes meanwhile (RFC 6749 §10.2)", async () => {
    const body = { redirect_uris: [redirectUri], token_endpoint_auth_method: "none", scope: "read" };
    const client = (await (await register(body)).json()) as Registered;
    const person = new Person(server.issuer);
    await person.signIn("alice");
    const request = new URLSearchParams(requestOf(client.client_id, pkcePair().challenge));
    const page = await (await person.open(`/auth/authorize?${request}`)).text();
    const update = await fetch(client.registration_client_uri, {
      method: "PUT",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${client.registration_access_token}`,
      },
      body: JSON.stringify({ ...body, client_id: client.client_id, scope: "read write" }),
    });
    expect(update.status).toBe(200);
    const events = await server.eventsOf(async () => {
      expect((await person.decide(page)).status).toBe(403);
    });
    expect(events).toEqual([]);
  });

  it("is not shown as somebody else's by the address that it claims (RFC 7591 §5)", async () => {
    const client = (await (
      await register({
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: "none",
        client_name: "Files",
        client_uri: "https://accounts.example.org/",
      })
    ).json()) as Registered;
    const person = new Person(server.issuer);
    await person.signIn("alice");
    const request = new URLSearchParams(requestOf(client.client_id, pkcePair().challenge));
    const page = await (await person.open(`/auth/authorize?${request}`)).text();
    expect(page).toContain("Files");
    expect(page).not.toContain("accounts.example.org");
  });

  it("gets no tokens for itself: two anonymous requests would pass by every sign-in", async () => {
    const response = await register({ redirect_uris: [], grant_types: ["client_credentials"] });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: "invalid_client_metadata" });
  });

  it("cannot fill the log by updates that change nothing (I10)", async () => {
    const body = { redirect_uris: [redirectUri], token_endpoint_auth_method: "none" };
    const client = (await (await register(body)).json()) as Registered;
    const update = () =>
      fetch(client.registration_client_uri, {
        method: "PUT",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${client.registration_access_token}`,
        },
        body: JSON.stringify({ ...body, client_id: client.client_id, grant_types: ["authorization_code"] }),
      });
    expect((await update()).status).toBe(200);
    expect(await server.eventsOf(update)).toEqual([]);
  });
});

describe("a resource that is gone", () => {
  it("gets no more tokens by a refresh (RFC 8707 §2.2)", async () => {
    const { issuer, demo, introspection, runtime } = server;
    const person = new Person(issuer);
    await person.signIn("alice");
    const { challenge, verifier } = pkcePair();
    const returned = await person.authorize({
      ...requestOf(demo.clientId, challenge),
      redirect_uri: "http://localhost:3000/callback",
      resource: `${issuer}/mcp`,
    });
    const token = async (form: Record<string, string>) =>
      (await (
        await fetch(`${issuer}/auth/token`, {
          method: "POST",
          body: new URLSearchParams({ ...form, client_id: demo.clientId }),
        })
      ).json()) as Record<string, string>;
    const code = returned.get("code") ?? "";
    const tokens = await token({ grant_type: "authorization_code", code, code_verifier: verifier });
    const refresh = () => token({ grant_type: "refresh_token", refresh_token: tokens.refresh_token ?? "" });
    await setResourceStatus(runtime.context, introspection.id, "disable", metadata);
    try {
      expect(await refresh()).toMatchObject({ error: "invalid_target" });
    } finally {
      await setResourceStatus(runtime.context, introspection.id, "enable", metadata);
    }
    expect(await refresh()).toHaveProperty("access_token");
  });

  it("leaves a client without default resources nothing to ask for by default", async () => {
    const { runtime, introspection, issuer } = server;
    const { client, secret } = await server.client({ scope: "read" });
    await setResourceStatus(runtime.context, introspection.id, "disable", metadata);
    try {
      const response = await fetch(`${issuer}/auth/token`, {
        method: "POST",
        body: new URLSearchParams({
          grant_type: "client_credentials",
          client_id: client.clientId,
          client_secret: secret ?? "",
        }),
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: "invalid_target" });
    } finally {
      await setResourceStatus(runtime.context, introspection.id, "enable", metadata);
    }
  });
});
