import { afterAll, beforeAll, expect, it } from "vitest";
import { Person, pkcePair } from "../../support/person.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

it("carries a person from sign-in to a token that is refused after its revocation", async () => {
  const { issuer, demo, introspection } = server;
  const person = new Person(issuer);
  await person.signIn("alice");
  const { verifier, challenge } = pkcePair();
  const returned = await person.authorize({
    response_type: "code",
    client_id: demo.clientId,
    redirect_uri: "http://localhost:3000/callback",
    scope: "read write",
    state: "a state with spaces & signs",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  expect(returned.get("state")).toBe("a state with spaces & signs");
  expect(returned.get("iss")).toBe(issuer);

  const post = async (path: string, form: Record<string, string>, headers = {}) =>
    await fetch(`${issuer}${path}`, { method: "POST", body: new URLSearchParams(form), headers });
  const basic = Buffer.from(`${introspection.id}:${introspection.secret}`).toString("base64");
  const introspect = async (token: string) =>
    await (await post("/auth/introspect", { token }, { authorization: `Basic ${basic}` })).json();
  const response = await post("/auth/token", {
    grant_type: "authorization_code",
    code: returned.get("code") ?? "",
    redirect_uri: "http://localhost:3000/callback",
    client_id: demo.clientId,
    code_verifier: verifier,
  });
  const tokens = (await response.json()) as Record<string, string>;
  expect(tokens).toMatchObject({
    token_type: "Bearer",
    expires_in: expect.closeTo(3600, -1),
    scope: "read write",
  });
  expect(await introspect(tokens.access_token ?? "")).toMatchObject({ active: true, scope: "read write" });

  const revoked = await post("/auth/revoke", {
    token: tokens.refresh_token ?? "",
    client_id: demo.clientId,
  });
  expect(revoked.status).toBe(200);
  expect(await introspect(tokens.access_token ?? "")).toEqual({ active: false });
});
