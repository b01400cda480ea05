import { afterAll, beforeAll, expect, it } from "vitest";
import { freePort } from "../../support/free-port.ts";
import { Person, pkcePair } from "../../support/person.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let issuer: string;
let origin: string;
beforeAll(async () => {
  const port = await freePort();
  origin = `http://localhost:${port}`;
  issuer = `${origin}/tenant/a`;
  server = await startTestServer({ port, issuer });
});
afterAll(() => server[Symbol.asyncDispose]());

it.each([
  "/.well-known/oauth-authorization-server/tenant/a",
  "/.well-known/oauth-authorization-server",
  "/tenant/a/.well-known/oauth-authorization-server",
])("the metadata of an issuer with a path is at %s (RFC 8414 §3.1)", async (path) => {
  const metadata = await (await fetch(`${origin}${path}`)).json();
  expect(metadata).toMatchObject({ issuer, token_endpoint: `${issuer}/auth/token` });
});

it("sign-in and consent stay under the path", async () => {
  const person = new Person(issuer);
  const { challenge, verifier } = pkcePair();
  const request = new URLSearchParams({
    response_type: "code",
    client_id: server.demo.clientId,
    redirect_uri: "http://localhost:3000/callback",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  const asked = await person.open(`${issuer}/auth/authorize?${request}`);
  expect(person.resolve(asked.headers.get("location") ?? "")).toContain(`${issuer}/auth/login?`);
  const back = await person.signIn("alice", "password", `/auth/authorize?${request}`);
  const consent = await person.open(back.headers.get("location") ?? "");
  const returned = await person.decide(await consent.text());
  const answer = new URL(returned.headers.get("location") ?? "").searchParams;
  expect(answer.get("iss")).toBe(issuer);
  const tokens = await fetch(`${issuer}/auth/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: answer.get("code") ?? "",
      client_id: server.demo.clientId,
      code_verifier: verifier,
    }),
  });
  expect(tokens.status).toBe(200);
});
