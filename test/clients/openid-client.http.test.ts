import { generateKeyPairSync } from "node:crypto";
import * as oidc from "openid-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { factsOf } from "../support/command-output.ts";
import { Person } from "../support/person.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

const redirect_uri = "http://localhost:3000/callback";
const options: oidc.DiscoveryRequestOptions = {
  algorithm: "oauth2",
  execute: [oidc.allowInsecureRequests],
};

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const discover = (clientId: string, secret?: string) =>
  oidc.discovery(new URL(server.issuer), clientId, secret, secret ? undefined : oidc.None(), options);

const register = (metadata: Partial<oidc.ClientMetadata>, auth?: oidc.ClientAuth) =>
  oidc.dynamicClientRegistration(new URL(server.issuer), metadata, auth, options);

/** Sends alice through sign-in and consent; the library checks state and iss and redeems the code. */
async function signIn(config: oidc.Configuration) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const request = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: "read write",
    state: expectedState,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
  });
  const alice = new Person(server.issuer);
  await alice.signIn("alice");
  const returned = await alice.authorize(Object.fromEntries(request.searchParams));
  const callback = new URL(`${redirect_uri}?${returned}`);
  return await oidc.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedState });
}

it("carries a public client from sign-in over a refresh to the revocation", async () => {
  const config = await discover(server.clientId);
  const resourceServer = await discover(server.introspection.id, server.introspection.secret);
  const first = await signIn(config);
  expect(first).toMatchObject({ token_type: "bearer", scope: "read write" });
  expect(first.expiresIn()).toBeGreaterThan(3500);

  const refreshed = await oidc.refreshTokenGrant(config, first.refresh_token ?? "");
  expect(refreshed.refresh_token).not.toBe(first.refresh_token);
  expect(await oidc.tokenIntrospection(resourceServer, refreshed.access_token)).toMatchObject({
    active: true,
    scope: "read write",
  });

  await oidc.tokenRevocation(config, refreshed.access_token);
  expect(await oidc.tokenIntrospection(resourceServer, refreshed.access_token)).toEqual({ active: false });
  await oidc.tokenRevocation(config, refreshed.refresh_token ?? "");
  await expect(oidc.refreshTokenGrant(config, refreshed.refresh_token ?? "")).rejects.toMatchObject({
    error: "invalid_grant",
  });
});

it("refuses a code that comes with another verifier (RFC 7636 §4.6)", async () => {
  const config = await discover(server.clientId);
  const request = oidc.buildAuthorizationUrl(config, {
    redirect_uri,
    code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
    code_challenge_method: "S256",
  });
  const alice = new Person(server.issuer);
  await alice.signIn("alice");
  const returned = await alice.authorize(Object.fromEntries(request.searchParams));
  const checks = { pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
  const redeemed = oidc.authorizationCodeGrant(config, new URL(`${redirect_uri}?${returned}`), checks);
  await expect(redeemed).rejects.toMatchObject({ error: "invalid_grant" });
});

it("serves a client that registered itself with a secret (RFC 7591)", async () => {
  const config = await register({
    client_name: "Registered by openid-client",
    redirect_uris: [redirect_uri],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "client_secret_post",
  });
  const tokens = await signIn(config);
  expect(await oidc.tokenIntrospection(config, tokens.refresh_token ?? "")).toMatchObject({ active: true });
});

it("gives a client that the operator made a token of its own (RFC 6749 §4.4)", async () => {
  const created = await server.cli(["client", "create", "--name", "M", "--type", "confidential", "--json"]);
  const { client_id = "", client_secret = "" } = factsOf(created);
  const config = await discover(client_id, client_secret);
  const { access_token } = await oidc.clientCredentialsGrant(config, { scope: "read" });
  expect(await oidc.tokenIntrospection(config, access_token)).toMatchObject({
    active: true,
    scope: "read",
    sub: client_id,
  });
});

it("authenticates a client by its key (private_key_jwt, RFC 7523 §2.2)", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const config = await register(
    {
      client_name: "Registered with a key",
      redirect_uris: [redirect_uri],
      grant_types: ["authorization_code", "refresh_token"],
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "k1" }] as oidc.JWK[] },
    },
    oidc.PrivateKeyJwt({ key: privateKey.toCryptoKey("Ed25519", false, ["sign"]), kid: "k1" }),
  );
  const tokens = await signIn(config);
  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? "");
  expect(await oidc.tokenIntrospection(config, refreshed.access_token)).toMatchObject({ active: true });
});
