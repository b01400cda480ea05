import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  authorizePath,
  codeForm,
  codeOf,
  refreshForm,
  requestToken,
  tokensBy,
  tokensOf,
} from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { introspect } from "../../support/introspection.ts";
import { Person } from "../../support/person.ts";
import {
  clientMetadata,
  type Registered,
  register,
  selfRegisteredClient,
} from "../../support/registration.ts";
import { bearer, sendJson } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let alice: Person;
beforeAll(async () => {
  server = await startTestServer();
  alice = new Person(server.address);
  await alice.signIn("alice");
});
afterAll(() => server[Symbol.asyncDispose]());

type Json = Record<string, unknown>;

describe("management (RFC 7592)", () => {
  const uriOf = ({ client_id }: Registered) => `${server.address}/auth/register/${client_id}`;
  const tokenOf = ({ registration_access_token }: Registered) => bearer(registration_access_token);
  const read = (registered: Registered, headers = tokenOf(registered)) =>
    fetch(uriOf(registered), { headers });
  const update = (registered: Registered, body: unknown, headers = tokenOf(registered)) =>
    sendJson("PUT", uriOf(registered), body, headers);
  const remove = (registered: Registered, headers = tokenOf(registered)) =>
    fetch(uriOf(registered), { method: "DELETE", headers });

  it("§2.1: GET answers the registration as it is, without the secret that only its hash is kept of", async () => {
    const registered = await register(server);
    const response = await read(registered);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { client_secret, client_secret_expires_at, ...rest } = registered;
    expect(await response.json()).toEqual(rest);
  });

  it("§2.2: PUT replaces it, and what is not named falls back to its default", async () => {
    const registered = await register(server, {
      scope: "read",
      software_id: "1",
      client_uri: "https://reader.example/",
    });
    const { client_id } = registered;
    const changed = { client_id, client_name: "Renamed", redirect_uris: ["https://reader.example/other"] };
    const response = await update(registered, changed);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const answered = (await response.json()) as Json;
    expect(answered).toMatchObject({ ...changed, scope: "read write" });
    expect(answered).not.toHaveProperty("software_id");
    expect(answered).not.toHaveProperty("client_uri");
    expect(await (await read(registered)).json()).toEqual(answered);
    const moved = { ...selfRegisteredClient(registered), redirectUri: "https://reader.example/other" };
    expect((await alice.open(authorizePath(moved))).status).toBe(200);
    expect((await alice.open(authorizePath(selfRegisteredClient(registered)))).status).toBe(400);
  });

  it("§2.2: PUT keeps the secret", async () => {
    const registered = await register(server);
    const { client_id, client_secret = "" } = registered;
    const response = await update(registered, { ...clientMetadata, client_id, client_secret, scope: "read" });
    expect(response.status).toBe(200);
    expect(await response.json()).not.toHaveProperty("client_secret");
    expect(await introspect(server, "x", { id: client_id, secret: client_secret })).toEqual({
      active: false,
    });
  });

  it("§2.2: PUT gives a secret to a client that had none and needs one now", async () => {
    const registered = await register(server, { token_endpoint_auth_method: "none" });
    const { client_id } = registered;
    const response = await update(registered, {
      ...clientMetadata,
      client_id,
      token_endpoint_auth_method: "client_secret_post",
    });
    const { client_secret } = (await response.json()) as Registered;
    const client = { ...selfRegisteredClient(registered), secret: client_secret ?? null };
    await tokensOf(server, alice, client);
  });

  it("§2.2: PUT narrows the tokens that there are", async () => {
    const method = {
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    };
    const registered = await register(server, method);
    const client = selfRegisteredClient(registered);
    const tokens = await tokensOf(server, alice, client);
    await update(registered, { ...clientMetadata, ...method, client_id: client.id, scope: "read" });
    expect(await introspect(server, tokens.access_token)).toMatchObject({ active: true, scope: "read" });
    expect((await tokensBy(server, refreshForm(client, tokens.refresh_token))).scope).toBe("read");
  });

  it.each<[string, string, (registered: Registered) => Json]>([
    ["another client_id", "invalid_client_metadata", () => ({ ...clientMetadata, client_id: "c_other" })],
    ["no client_id", "invalid_client_metadata", () => clientMetadata],
    [
      "another secret",
      "invalid_client_metadata",
      ({ client_id }) => ({ ...clientMetadata, client_id, client_secret: "chosen" }),
    ],
    [
      "a bad redirect URI",
      "invalid_redirect_uri",
      ({ client_id }) => ({ client_id, redirect_uris: ["http://reader.example/"] }),
    ],
    [
      "a bad grant type",
      "invalid_client_metadata",
      ({ client_id }) => ({ ...clientMetadata, client_id, grant_types: ["password"] }),
    ],
  ])("§2.2: PUT with %s: 400 %s, and nothing changes", async (_, error, body) => {
    const registered = await register(server);
    const before = await (await read(registered)).json();
    const events = await server.eventsOf(async () =>
      expectOAuthError(await update(registered, body(registered)), 400, error),
    );
    expect(events).toEqual([]);
    expect(await (await read(registered)).json()).toEqual(before);
  });

  it("§2.3: DELETE ends the client, its code, its tokens and its registration access token", async () => {
    const registered = await register(server, {
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    });
    const client = selfRegisteredClient(registered);
    const tokens = await tokensOf(server, alice, client);
    const code = await codeOf(alice, client);
    const response = await remove(registered);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
    for (const form of [codeForm(client, code), refreshForm(client, tokens.refresh_token)])
      await expectOAuthError(await requestToken(server, form), 401, "invalid_client");
    expect((await alice.open(authorizePath(client))).status).toBe(400);
    for (const again of [await read(registered), await remove(registered)])
      await expectOAuthError(again, 401, "invalid_token");
  });

  it.each<[string, (own: Registered, other: Registered) => Readonly<Record<string, string>>]>([
    ["no token", () => ({})],
    ["a wrong token", () => bearer("wrong")],
    ["the token of another client", (_own, other) => tokenOf(other)],
    ["the client's secret", ({ client_secret = "" }) => bearer(client_secret)],
  ])("§3: %s: 401 invalid_token, and nothing happens", async (_, headersOf) => {
    const own = await register(server);
    const headers = headersOf(own, await register(server)) as { authorization: string };
    const events = await server.eventsOf(async () => {
      for (const response of [
        await read(own, headers),
        await update(own, { ...clientMetadata, client_id: own.client_id }, headers),
        await remove(own, headers),
      ])
        await expectOAuthError(response, 401, "invalid_token");
    });
    expect(events).toEqual([]);
  });

  it("§2: 401 for a client that does not exist, as for one that does", async () => {
    const registered = await register(server);
    const response = await read({ ...registered, client_id: "c_unknown" });
    await expectOAuthError(response, 401, "invalid_token");
  });
});
