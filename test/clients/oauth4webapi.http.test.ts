import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, expect, it } from "vitest";
import { factsOf } from "../support/command-output.ts";
import { Person } from "../support/person.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

const redirectUri = "http://localhost:3000/callback";
const overHttp = { [oauth.allowInsecureRequests]: true } as const;

let server: ServerProcess;
let as: oauth.AuthorizationServer;
beforeAll(async () => {
  server = await startServer();
  const issuer = new URL(server.issuer);
  const response = await oauth.discoveryRequest(issuer, { ...overHttp, algorithm: "oauth2" });
  as = await oauth.processDiscoveryResponse(issuer, response);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Sends alice through sign-in and, where it is not remembered, consent; answers what came back, checked by the library. */
async function authorize(client: oauth.Client, decision: "approve" | "deny" = "approve") {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const request = new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope: "read write",
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const alice = new Person(server.issuer);
  const signedIn = await alice.signIn("alice", "password", `/auth/authorize?${request}`);
  let returned = await alice.open(signedIn.headers.get("location") ?? "");
  if (returned.status === 200) returned = await alice.decide(await returned.text(), decision);
  const callback = new URL(returned.headers.get("location") ?? "");
  return { verifier, parameters: oauth.validateAuthResponse(as, client, callback, state) };
}

async function signIn(client: oauth.Client, auth: oauth.ClientAuth) {
  const { verifier, parameters } = await authorize(client);
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    auth,
    parameters,
    redirectUri,
    verifier,
    overHttp,
  );
  return await oauth.processAuthorizationCodeResponse(as, client, response);
}

async function introspect(client: oauth.Client, auth: oauth.ClientAuth, token: string) {
  const response = await oauth.introspectionRequest(as, client, auth, token, overHttp);
  return await oauth.processIntrospectionResponse(as, client, response);
}

async function register(metadata: Partial<oauth.OmitSymbolProperties<oauth.Client>>) {
  const response = await oauth.dynamicClientRegistrationRequest(as, metadata, overHttp);
  return await oauth.processDynamicClientRegistrationResponse(response);
}

it("carries a public client from sign-in over a refresh to the revocation", async () => {
  const client: oauth.Client = { client_id: server.clientId };
  const resourceServer: oauth.Client = { client_id: server.introspection.id };
  const resourceServerAuth = oauth.ClientSecretBasic(server.introspection.secret);
  const first = await signIn(client, oauth.None());
  // What is left of it when the answer is written, in seconds.
  const expires_in = expect.closeTo(3600, -1);
  expect(first).toMatchObject({ token_type: "bearer", scope: "read write", expires_in });

  const refreshed = await oauth.processRefreshTokenResponse(
    as,
    client,
    await oauth.refreshTokenGrantRequest(as, client, oauth.None(), first.refresh_token ?? "", overHttp),
  );
  expect(refreshed.refresh_token).not.toBe(first.refresh_token);
  expect(await introspect(resourceServer, resourceServerAuth, refreshed.access_token)).toMatchObject({
    active: true,
    client_id: server.clientId,
    aud: expect.arrayContaining([`${server.issuer}/mcp`]),
  });

  const { refresh_token = "" } = refreshed;
  const revoked = await oauth.revocationRequest(as, client, oauth.None(), refresh_token, overHttp);
  await oauth.processRevocationResponse(revoked);
  expect(await introspect(resourceServer, resourceServerAuth, refreshed.access_token)).toEqual({
    active: false,
  });
});

it("issues access tokens that a resource server can check by itself (RFC 9068 §4)", async () => {
  const { access_token } = await signIn({ client_id: server.clientId }, oauth.None());
  const headers = { authorization: `Bearer ${access_token}` };
  const call = new Request(`${server.issuer}/mcp`, { headers });
  const claims = await oauth.validateJwtAccessToken(as, call, `${server.issuer}/mcp`, overHttp);
  expect(claims).toMatchObject({ client_id: server.clientId, scope: "read write" });
});

it("tells the client that the person denied (RFC 6749 §4.1.2.1)", async () => {
  await expect(authorize({ client_id: server.clientId }, "deny")).rejects.toMatchObject({
    code: oauth.AUTHORIZATION_RESPONSE_ERROR,
    error: "access_denied",
  });
});

it.each([
  ["client_secret_basic", oauth.ClientSecretBasic],
  ["client_secret_post", oauth.ClientSecretPost],
] as const)("serves a client that registered itself with %s (RFC 7591)", async (method, authBy) => {
  const client = await register({
    client_name: "Registered by oauth4webapi",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: method,
    scope: "read write",
  });
  const auth = authBy(client.client_secret as string);
  const tokens = await signIn(client, auth);
  expect(await introspect(client, auth, tokens.refresh_token ?? "")).toMatchObject({ active: true });
});

it("gives a client that the operator made a token of its own (RFC 6749 §4.4)", async () => {
  const created = await server.cli(["client", "create", "--name", "M", "--type", "confidential", "--json"]);
  const { client_id = "", client_secret = "" } = factsOf(created);
  const client: oauth.Client = { client_id };
  const auth = oauth.ClientSecretBasic(client_secret);
  const request = { scope: "read" };
  const response = await oauth.clientCredentialsGrantRequest(as, client, auth, request, overHttp);
  const own = await oauth.processClientCredentialsResponse(as, client, response);
  expect(own).toMatchObject({ scope: "read" });
  expect(own.refresh_token).toBeUndefined();
  expect(await introspect(client, auth, own.access_token)).toMatchObject({ active: true, sub: client_id });
});

it("authenticates a client by its key (private_key_jwt, RFC 7523 §2.2)", async () => {
  const { publicKey, privateKey } = await oauth.generateKeyPair("ES256");
  const { kty = "", crv = "", x = "", y = "" } = await crypto.subtle.exportKey("jwk", publicKey);
  const client = await register({
    client_name: "Registered with a key",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "private_key_jwt",
    jwks: { keys: [{ kty, crv, x, y, kid: "k1" }] },
  });
  const auth = oauth.PrivateKeyJwt({ key: privateKey, kid: "k1" });
  const tokens = await signIn(client, auth);
  expect(await introspect(client, auth, tokens.access_token)).toMatchObject({ active: true });

  const stranger = await oauth.generateKeyPair("ES256");
  const forged = oauth.PrivateKeyJwt({ key: stranger.privateKey, kid: "k1" });
  await expect(signIn(client, forged)).rejects.toMatchObject({ error: "invalid_client" });
});
