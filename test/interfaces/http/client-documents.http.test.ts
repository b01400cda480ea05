import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setClientStatus } from "../../../application/commands/manage-client.ts";
import { ref } from "../../../application/documents.ts";
import { isMetadataDocumentUrl } from "../../../domain/client/metadata-document.ts";
import { type ClientDocument, serveClientDocument } from "../../support/client-document.ts";
import { authorizePath, type FlowClient, tokensOf } from "../../support/code-flow.ts";
import { Person } from "../../support/person.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { operator, signedIn } from "../../support/signed-in.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const redirectUri = "http://localhost/callback";

const described =
  (changes: object = {}) =>
  (clientId: string) => ({
    client_id: clientId,
    client_name: "Described <b>client</b>",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
    ...changes,
  });

/** As Claude Code asks: its document names no port, its listener has one of the moment. */
const clientOf = ({ url }: ClientDocument): FlowClient => ({
  id: url,
  secret: null,
  redirectUri: "http://localhost:49321/callback",
});

describe("a client whose id is the URL of its document", () => {
  it("is announced where it is allowed", async () => {
    const metadata = async (at: TestServer) =>
      (await fetch(`${at.address}/.well-known/oauth-authorization-server`)).json();
    expect(await metadata(server)).toMatchObject({ client_id_metadata_document_supported: true });
    await using without = await startTestServer({ clientDocuments: false });
    expect(await metadata(without)).not.toHaveProperty("client_id_metadata_document_supported");
    await using document = await serveClientDocument(described());
    const person = await signedIn(without, "alice");
    expect((await person.open(authorizePath(clientOf(document)))).status).toBe(400);
    expect(document.fetches()).toBe(0);
  });

  it("is fetched for nobody who is not signed in", async () => {
    await using document = await serveClientDocument(described());
    const stranger = new Person(server.address);
    const response = await stranger.open(authorizePath(clientOf(document)));
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toMatch(/^login\?/);
    const silent = await stranger.open(authorizePath(clientOf(document), { prompt: "none" }));
    expect(silent.status).toBe(400);
    expect(document.fetches()).toBe(0);
  });

  it("is shown with its host, and gets tokens where the person agrees, again and again", async () => {
    await using document = await serveClientDocument(described());
    const person = await signedIn(server, "alice");
    const page = await (await person.open(authorizePath(clientOf(document)))).text();
    expect(page).toContain(new URL(document.url).host);
    expect(page).not.toContain("<b>client");
    const first = await tokensOf(server, person, clientOf(document));
    expect(first).toMatchObject({ scope: "read write" });
    await tokensOf(server, person, clientOf(document));
    expect(document.fetches()).toBe(1);
  });

  it("is what its document says now, when HTTP lets it be kept no longer", async () => {
    await using document = await serveClientDocument(described(), { "cache-control": "no-store" });
    const person = await signedIn(server, "alice");
    await tokensOf(server, person, clientOf(document));
    document.publish(described({ redirect_uris: ["https://moved.example/callback"] }));
    expect((await person.open(authorizePath(clientOf(document)))).status).toBe(400);
    expect(document.fetches()).toBeGreaterThan(1);
  });

  it("is recorded as its document says now, also where the consent is remembered", async () => {
    const https = { redirect_uris: ["https://client.example/callback"], scope: "read write" };
    await using document = await serveClientDocument(described(https), { "cache-control": "no-store" });
    const client = { id: document.url, secret: null, redirectUri: "https://client.example/callback" };
    const person = await signedIn(server, "alice");
    await tokensOf(server, person, client, { scope: "read" });
    const clientNow = async () =>
      (await server.runtime.context.documents.load([ref.client(document.url)]))[0];
    expect((await clientNow())?.scopes).toEqual(["read", "write"]);
    document.publish(described({ ...https, scope: "read", client_name: "Renamed" }));
    const silent = await person.open(authorizePath(client, { scope: "read" }));
    expect(silent.status).toBe(303);
    expect(await clientNow()).toMatchObject({ name: "Renamed", scopes: ["read"] });
  });

  it("is told at its recorded redirect that nobody is signed in, where it asks silently", async () => {
    await using document = await serveClientDocument(described());
    await tokensOf(server, await signedIn(server, "alice"), clientOf(document));
    const before = document.fetches();
    const stranger = new Person(server.address);
    const page = await (await stranger.open(authorizePath(clientOf(document), { prompt: "none" }))).text();
    expect(page).toContain("login_required");
    expect(document.fetches()).toBe(before);
  });

  it("acts for people only, also where registration is closed", async () => {
    await using closed = await startTestServer({ registration: "closed" });
    await using document = await serveClientDocument(
      described({
        grant_types: ["authorization_code", "client_credentials"],
        token_endpoint_auth_method: "private_key_jwt",
        jwks_uri: "https://client.example/jwks",
      }),
    );
    const person = await signedIn(closed, "bob");
    expect((await person.open(authorizePath(clientOf(document)))).status).toBe(400);
  });

  it("is not recorded before somebody agrees", async () => {
    await using document = await serveClientDocument(described());
    const person = await signedIn(server, "alice");
    const page = await (await person.open(authorizePath(clientOf(document)))).text();
    await person.decide(page, "deny");
    await expect(setClientStatus(server.runtime.context, document.url, "disable", operator)).rejects.toThrow(
      "no such client",
    );
  });

  it("can be disabled like any other", async () => {
    await using document = await serveClientDocument(described());
    const person = await signedIn(server, "alice");
    await tokensOf(server, person, clientOf(document));
    await setClientStatus(server.runtime.context, document.url, "disable", operator);
    expect((await person.open(authorizePath(clientOf(document)))).status).toBe(400);
  });
});

describe("a document is refused", () => {
  it.each([
    ["of another client", { client_id: "https://other.example/client.json" }],
    ["that holds a secret", { client_secret: "s3cret" }],
    ["that means to use a secret", { token_endpoint_auth_method: "client_secret_basic" }],
    [
      "that asks for grants of its own",
      {
        grant_types: ["authorization_code", "client_credentials"],
        token_endpoint_auth_method: "private_key_jwt",
        jwks_uri: "https://client.example/jwks",
      },
    ],
    [
      "that holds its keys",
      {
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [{ kty: "EC", crv: "P-256", x: "x", y: "y" }] },
      },
    ],
    ["without redirect URIs", { redirect_uris: [] }],
    ["with a redirect URI that runs a script", { redirect_uris: ["javascript:alert(1)"] }],
    ["of more than 5 KB", { unknown_member: "y".repeat(6_000) }],
  ])("%s", async (_, changes) => {
    await using document = await serveClientDocument(described(changes));
    const person = await signedIn(server, "alice");
    const response = await person.open(authorizePath(clientOf(document)));
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("Invalid client_id");
  });

  it("that cannot be had", async () => {
    const person = await signedIn(server, "alice");
    const client = { id: "http://127.0.0.1:1/client.json", secret: null, redirectUri };
    expect((await person.open(authorizePath(client))).status).toBe(400);
  });
});

describe("the URL of a document (Client ID Metadata Documents §3)", () => {
  it.each([
    ["https://client.example/metadata.json", true],
    ["https://client.example:8443/a/b", true],
    ["https://client.example/", false],
    ["https://client.example", false],
    ["https://client.example/a/../b", false],
    ["https://client.example/a#b", false],
    ["https://client.example/a?b=c", false],
    ["https://me:you@client.example/a", false],
    ["HTTPS://client.example/a", false],
    ["http://client.example/a", false],
    ["http://localhost:3000/a", false],
    ["c_AZuF2jQAcAGAAAAAAAAAAQ", false],
  ])("%s: %j", (id, isOne) => expect(isMetadataDocumentUrl(id, false)).toBe(isOne));

  it("may be one of this machine in development", () => {
    expect(isMetadataDocumentUrl("http://localhost:3000/a", true)).toBe(true);
    expect(isMetadataDocumentUrl("http://client.example/a", true)).toBe(false);
  });
});
