import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredEvent } from "../../../application/ports/event-store.ts";
import { parseRefreshToken } from "../../../domain/oauth/token-forms.ts";
import type { Tokens } from "../../support/code-flow.ts";
import { factsOf } from "../../support/command-output.ts";
import { Person, pkcePair } from "../../support/person.ts";
import { readLog } from "../../support/read-log.ts";
import { basic, type Fields, postForm, sendJson } from "../../support/requests.ts";
import { type CliResult, type ServerProcess, startServer } from "../../support/server-process.ts";

interface Line {
  readonly requestId?: string;
  readonly actor?: string;
  readonly stream?: string;
  readonly type?: string;
  readonly position?: string;
  readonly error?: string;
  readonly client?: string;
  readonly milliseconds?: number;
  readonly msg: string;
}

let server: ServerProcess;
let machine: { readonly id: string; readonly secret: string };
let created: CliResult;
beforeAll(async () => {
  server = await startServer({ flags: ["--log-level", "debug", "--rate-limit", "off"] });
  created = await server.cli([
    ...["client", "create", "--name", "Machine", "--type", "confidential", "--json", "--log-level", "debug"],
  ]);
  const { client_id: id = "", client_secret: secret = "" } = factsOf(created);
  machine = { id, secret };
});
afterAll(() => server[Symbol.asyncDispose]());

const linesIn = (output: string): readonly Line[] =>
  output
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));

const isAnswered = ({ milliseconds }: Line): boolean => milliseconds !== undefined;

/** What the log tells of the request that was answered so, once it has told that it was answered. */
async function linesOf(response: Response): Promise<readonly Line[]> {
  const id = response.headers.get("x-request-id");
  for (;;) {
    const lines = linesIn(server.output()).filter(({ requestId }) => requestId === id);
    if (lines.some(isAnswered)) return lines.filter((line) => !isAnswered(line));
    await sleep(10);
  }
}

/** The decisions that a request led to, as the log tells them; each is an event of that very request. */
async function decisionsOf(response: Response): Promise<readonly string[]> {
  const told = (await linesOf(response)).filter(({ type }) => type !== undefined);
  const id = response.headers.get("x-request-id");
  const events = (await readLog(server.dataDir)).filter(({ metadata }) => metadata.correlationId === id);
  const known = ({ type, stream, metadata }: StoredEvent) => ({ type, stream, actor: metadata.actor });
  expect(told.map(({ type, stream, actor }) => ({ type, stream, actor }))).toEqual(events.map(known));
  expect(told.at(-1)?.position).toBe(String(events.at(-1)?.position));
  return told.map(({ msg }) => msg);
}

/** The refusals that a request met. */
const refusalsOf = async (response: Response): Promise<readonly string[]> =>
  (await linesOf(response)).filter(({ error }) => error !== undefined).map(({ msg }) => msg);

const redirectUri = "http://localhost:3000/callback";
const token = (form: Fields) =>
  postForm(`${server.issuer}/auth/token`, { client_id: server.clientId, ...form });

/** Goes as far as the code, and keeps the answers that matter. */
async function authorize(person: Person) {
  const { verifier, challenge } = pkcePair();
  const page = await person.open(
    `/auth/authorize?${new URLSearchParams({
      ...{
        response_type: "code",
        client_id: server.clientId,
        redirect_uri: redirectUri,
        scope: "read write",
      },
      ...{ code_challenge: challenge, code_challenge_method: "S256" },
    })}`,
  );
  const consented = await person.decide(await page.text());
  const code = new URL(consented.headers.get("location") ?? "").searchParams.get("code");
  const form = { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier };
  return { consented, form };
}

describe("with --log-level debug a decision is one line, under the id that its event and its answer have", () => {
  let person: Person;
  let signedIn: Response;
  beforeAll(async () => {
    person = new Person(server.issuer);
    signedIn = await person.signIn("alice");
  });

  const until = String.raw`until \d{4}-\d\d-\d\dT[\d:.]+Z`;

  it("a sign-in", async () => {
    expect(await decisionsOf(signedIn)).toEqual([
      expect.stringMatching(new RegExp(`^user u_\\S+: signed in, session \\S+ ${until}$`)),
    ]);
  });

  it("a wrong password and an unknown name, without the name", async () => {
    const stranger = new Person(server.issuer);
    expect(await refusalsOf(await stranger.signIn("alice", "wrong"))).toEqual([
      expect.stringMatching(
        /^POST \/auth\/login refused: wrong_password, The username or the password is wrong \(the password of user u_\S+ is another\)$/,
      ),
    ]);
    expect(await refusalsOf(await stranger.signIn("nobody here"))).toEqual([
      expect.stringContaining("(there is no such user)"),
    ]);
    expect(server.output()).not.toContain("nobody here");
  });

  it("a consent and its code, the tokens, the same code again", async () => {
    const { consented, form } = await authorize(person);
    const holder = `client ${server.clientId} \\(user u_\\S+\\)`;
    expect(await decisionsOf(consented)).toEqual([
      expect.stringMatching(`^user u_\\S+: agreed to client ${server.clientId}, scope read write$`),
      expect.stringMatching(`^grant \\S+: code issued for ${holder}, scope read write, ${until}$`),
    ]);
    expect(await decisionsOf(await token(form))).toEqual([
      expect.stringMatching(
        `^grant \\S+: code redeemed for ${holder}, scope read write, access token 1 ${until}$`,
      ),
    ]);
    const again = await token(form);
    expect(await decisionsOf(again)).toEqual([
      expect.stringMatching(
        `^grant \\S+: its code came a second time from ${holder}; somebody else may know it$`,
      ),
      expect.stringMatching(
        `^grant \\S+: ended with all its tokens, ${holder}: its code was used a second time$`,
      ),
    ]);
    expect(await refusalsOf(again)).toEqual([
      `POST /auth/token by client ${server.clientId} refused: invalid_grant, The authorization code was used before: its tokens are revoked`,
    ]);
  });

  it("a rotation, a repeat, a reuse, and what is refused afterwards", async () => {
    const { form } = await authorize(person);
    const { refresh_token } = (await (await token(form)).json()) as Tokens;
    const refresh = (value: string | null) => token({ grant_type: "refresh_token", refresh_token: value });
    const grantId = parseRefreshToken(refresh_token)?.grantId;
    const rotated = await refresh(refresh_token);
    expect(await decisionsOf(rotated)).toEqual([
      expect.stringMatching(
        `^grant ${grantId}: refresh token rotated for client \\S+ \\(user u_\\S+\\), scope read write, `,
      ),
    ]);
    expect(await decisionsOf(await refresh(refresh_token))).toEqual([
      expect.stringMatching(`^grant ${grantId}: the same refresh token was handed out again, `),
    ]);
    await refresh(((await rotated.json()) as Tokens).refresh_token);
    expect(await decisionsOf(await refresh(refresh_token))).toEqual([
      expect.stringMatching(`^grant ${grantId}: refresh token 1, spent before, came back from `),
      expect.stringMatching(
        `^grant ${grantId}: ended with all its tokens, .*: a refresh token that was spent came back$`,
      ),
    ]);
    expect(await refusalsOf(await refresh(refresh_token))).toEqual([
      `POST /auth/token by client ${server.clientId} refused: invalid_grant, The grant has ended (grant ${grantId}: refresh_token_reused)`,
    ]);
  });

  it("a client's own token, its introspection by nobody, its revocation", async () => {
    const own = basic(machine.id, machine.secret);
    const issued = await postForm(`${server.issuer}/auth/token`, { grant_type: "client_credentials" }, own);
    expect(await decisionsOf(issued)).toEqual([
      expect.stringMatching(
        `^grant \\S+: access token issued for client ${machine.id} \\(for itself\\), scope read write, `,
      ),
    ]);
    const { access_token } = (await issued.json()) as Tokens;
    const wrong = await postForm(
      `${server.issuer}/auth/introspect`,
      { token: access_token },
      basic(machine.id, "no"),
    );
    expect(await refusalsOf(wrong)).toEqual([
      `POST /auth/introspect by client ${machine.id} refused: invalid_client, Client authentication failed (the secret is wrong)`,
    ]);
    const revoked = await postForm(`${server.issuer}/auth/revoke`, { token: access_token }, own);
    expect(await decisionsOf(revoked)).toEqual([
      expect.stringMatching(`^grant \\S+: access token 0 revoked at the request of client ${machine.id}`),
    ]);
  });

  it("a registration", async () => {
    const body = { client_name: "A name that somebody typed", redirect_uris: ["https://client.example/cb"] };
    const registered = await sendJson("POST", `${server.issuer}/auth/register`, body);
    expect(await decisionsOf(registered)).toEqual([
      expect.stringMatching(/^client \S+: registered by itself, confidential, scope read write$/),
    ]);
    expect(server.output()).not.toContain(body.client_name);
  });

  it("the end of a session, and why", async () => {
    expect(await decisionsOf(await person.signOut())).toEqual([
      expect.stringMatching(/^session \S+ \(browser\) of user u_\S+: ended, signed out$/),
    ]);
  });

  it("a refusal that a page tells, and one that goes to the client by redirect", async () => {
    const { issuer, clientId } = server;
    const unknown = await fetch(`${issuer}/auth/authorize?client_id=nobody`);
    expect(await refusalsOf(unknown)).toEqual([
      "GET /auth/authorize refused: invalid_request, Invalid client_id",
    ]);
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: redirectUri,
      response_type: "code",
    });
    const returned = await fetch(`${issuer}/auth/authorize?${query}`, { redirect: "manual" });
    expect(await refusalsOf(returned)).toEqual([
      expect.stringMatching(`^GET /auth/authorize by client ${clientId} refused: invalid_request, `),
    ]);
    const foreign = await fetch(`${issuer}/auth/login`, { method: "POST", body: new URLSearchParams() });
    expect(await refusalsOf(foreign)).toEqual([
      "POST /auth/login refused: foreign_form, The form was not made for whoever sent it",
    ]);
  });

  it("what an operator does, on the operator's own terminal", async () => {
    const told = linesIn(created.stderr).find(({ type }) => type === "client.registered");
    const events = await readLog(server.dataDir);
    const event = events.find(({ position }) => String(position) === told?.position);
    expect(told).toMatchObject({
      actor: "operator",
      stream: `client-${machine.id}`,
      requestId: event?.metadata.correlationId,
      msg: `client ${machine.id}: registered by an operator, confidential, scope read write`,
    });
  });
});

describe("the id of a request", () => {
  it.each([
    ["/nowhere", 404],
    ["/auth/nowhere", 404],
    ["/%zz", 400],
    ["/auth/token", 405],
    ["/mcp", 404],
    ["/health", 200],
  ])("stands in the answer to %s, and is ours whatever the request calls itself", async (path, status) => {
    const headers = { "x-request-id": "theirs" };
    const response = await fetch(`${server.issuer}${path}`, { headers });
    expect(response.status).toBe(status);
    expect(response.headers.get("x-request-id")).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  });
});
