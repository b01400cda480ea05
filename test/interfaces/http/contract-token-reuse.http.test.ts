import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Code,
  codeForm,
  codeOf,
  demoClient,
  type FlowClient,
  flowClient,
  refreshForm,
  requestToken,
  type Tokens,
  tokensBy,
  tokensOf,
} from "../../support/code-flow.ts";
import { expectOAuthError } from "../../support/expect-error.ts";
import { expectTokenRefused } from "../../support/expect-refused.ts";
import { introspect } from "../../support/introspection.ts";
import { Person } from "../../support/person.ts";
import type { Fields } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let demo: FlowClient;
let web: FlowClient;
let alice: Person;

beforeAll(async () => {
  server = await startTestServer();
  demo = demoClient(server);
  web = flowClient(await server.client({}));
  alice = new Person(server.address);
  await alice.signIn("alice");
});
afterAll(() => server[Symbol.asyncDispose]());

const isActive = async (token: string): Promise<unknown> => (await introspect(server, token)).active;

const expectRefused = (
  form: Fields,
  error: string,
  more?: { description?: string; events?: readonly string[] },
): Promise<void> => expectTokenRefused(server, form, error, more);

describe("row 13: a code", () => {
  const other = "b".repeat(43);

  it.each(["x", "dcc_x", `dcc_${"a".repeat(22)}.${"b".repeat(43)}`])(
    "that is unknown, %s (RFC 6749 §5.2): invalid_grant",
    async (code) => expectRefused(codeForm(demo, { code, verifier: other }), "invalid_grant"),
  );

  it("with another secret (RFC 6749 §10.10): invalid_grant", async () => {
    const code = await codeOf(alice, demo);
    const forged = code.code.slice(0, -43) + other;
    await expectRefused(codeForm(demo, { ...code, code: forged }), "invalid_grant");
    await tokensBy(server, codeForm(demo, code));
  });

  it.each<[string, Fields, string, string]>([
    ["a wrong verifier (RFC 7636 §4.6)", { code_verifier: other }, "invalid_grant", "Invalid code verifier"],
    ["no verifier (RFC 7636 §4.5)", { code_verifier: null }, "invalid_grant", "Invalid code verifier"],
    [
      "a verifier of 42 characters (RFC 7636 §4.1)",
      { code_verifier: "b".repeat(42) },
      "invalid_request",
      "Invalid code verifier",
    ],
    [
      "a verifier of 129 characters (RFC 7636 §4.1)",
      { code_verifier: "b".repeat(129) },
      "invalid_request",
      "Invalid code verifier",
    ],
    [
      "another redirect_uri (RFC 6749 §4.1.3)",
      { redirect_uri: "http://localhost:8080/callback" },
      "invalid_grant",
      "Invalid redirect_uri",
    ],
  ])("with %s is refused, and stays good", async (_, changes, error, description) => {
    const code = await codeOf(alice, demo);
    await expectRefused(codeForm(demo, code, changes), error, { description });
    await tokensBy(server, codeForm(demo, code));
  });

  it("without redirect_uri is accepted: PKCE binds it (OAuth 2.1 §4.1.3)", async () =>
    tokensBy(server, codeForm(demo, await codeOf(alice, demo), { redirect_uri: null })));

  it("of another client (RFC 6749 §4.1.3): invalid_grant, and stays good", async () => {
    const code = await codeOf(alice, demo);
    await expectRefused(codeForm(web, code, { redirect_uri: null }), "invalid_grant");
    await tokensBy(server, codeForm(demo, code));
  });

  it("that has expired (RFC 6749 §4.1.2): invalid_grant", async () => {
    await using brief = await startTestServer({ codeExpireSeconds: 1 });
    const person = new Person(brief.address);
    await person.signIn("alice");
    const code = await codeOf(person, demoClient(brief));
    await sleep(1_050);
    const response = await requestToken(brief, codeForm(demoClient(brief), code));
    await expectOAuthError(response, 400, "invalid_grant", "The authorization code has expired");
  });
});

describe("row 14 (RFC 6749 §4.1.2, §10.5): a code that was used", () => {
  const replay = { events: ["grant.code.replayed", "grant.revoked"] };

  it("and comes again in a valid request: invalid_grant, and all issued from it is dead", async () => {
    const code = await codeOf(alice, demo);
    const first = await tokensBy(server, codeForm(demo, code));
    const second = await tokensBy(server, refreshForm(demo, first.refresh_token));
    await expectRefused(codeForm(demo, code), "invalid_grant", replay);
    expect(await isActive(first.access_token)).toBe(false);
    expect(await isActive(second.access_token)).toBe(false);
    await expectRefused(refreshForm(demo, second.refresh_token), "invalid_grant");
    await expectRefused(codeForm(demo, code), "invalid_grant");
  });

  it.each<[string, (code: Code) => Fields]>([
    ["a wrong verifier", (code) => codeForm(demo, code, { code_verifier: "b".repeat(43) })],
    ["no verifier", (code) => codeForm(demo, code, { code_verifier: null })],
    ["another client", (code) => codeForm(web, code)],
    [
      "another redirect_uri",
      (code) => codeForm(demo, code, { redirect_uri: "http://localhost:8080/callback" }),
    ],
  ])("and comes again with %s: invalid_grant, nothing is revoked", async (_, form) => {
    const code = await codeOf(alice, demo);
    const tokens = await tokensBy(server, codeForm(demo, code));
    await expectRefused(form(code), "invalid_grant");
    expect(await isActive(tokens.access_token)).toBe(true);
  });

  it("by twenty at once: at most one gets tokens, and they are dead", async () => {
    const form = codeForm(demo, await codeOf(alice, demo));
    const responses = await Promise.all(Array.from({ length: 20 }, () => requestToken(server, form)));
    const granted = responses.filter(({ status }) => status === 200);
    expect(granted.length).toBeLessThanOrEqual(1);
    expect(responses.filter(({ status }) => status === 400)).toHaveLength(20 - granted.length);
    for (const response of granted) {
      const { access_token } = (await response.json()) as Tokens;
      expect(await isActive(access_token)).toBe(false);
    }
  });
});

describe("row 15 (RFC 6749 §6, RFC 9700 §4.14): a refresh token", () => {
  const reuse = { events: ["grant.refresh_token.reused", "grant.revoked"] };
  const never = `dcr_${"a".repeat(22)}.1.${"b".repeat(43)}`;

  it.each(["x", "dcr_x", never])("that was never issued, %s: invalid_grant, nothing happens", async (token) =>
    expectRefused(refreshForm(demo, token), "invalid_grant"),
  );

  it("with another secret or revision: invalid_grant, nothing happens", async () => {
    const tokens = await tokensOf(server, alice, demo);
    const [family, revision, secret] = tokens.refresh_token.split(".");
    for (const forged of [
      `${family}.${revision}.${"b".repeat(43)}`,
      `${family}.${Number(revision) + 1}.${secret}`,
      `${family}.0.${secret}`,
    ])
      await expectRefused(refreshForm(demo, forged), "invalid_grant");
    expect(await isActive(tokens.access_token)).toBe(true);
    await tokensBy(server, refreshForm(demo, tokens.refresh_token));
  });

  it("of another client: invalid_grant, nothing happens", async () => {
    const tokens = await tokensOf(server, alice, demo);
    await expectRefused(refreshForm(web, tokens.refresh_token), "invalid_grant");
    await tokensBy(server, refreshForm(demo, tokens.refresh_token));
  });

  it("of another client, spent: invalid_grant, nothing happens", async () => {
    const tokens = await tokensOf(server, alice, demo);
    const second = await tokensBy(server, refreshForm(demo, tokens.refresh_token));
    await tokensBy(server, refreshForm(demo, second.refresh_token));
    await expectRefused(refreshForm(web, tokens.refresh_token), "invalid_grant");
    expect(await isActive(tokens.access_token)).toBe(true);
  });

  it("with a wider scope: invalid_scope, and stays good", async () => {
    const tokens = await tokensOf(server, alice, demo, { scope: "read" });
    await expectRefused(refreshForm(demo, tokens.refresh_token, { scope: "read write" }), "invalid_scope");
    await tokensBy(server, refreshForm(demo, tokens.refresh_token));
  });

  it("with a narrower scope: the access token has less, the refresh token keeps all", async () => {
    const { refresh_token } = await tokensOf(server, alice, demo);
    const narrow = await tokensBy(server, refreshForm(demo, refresh_token, { scope: "write" }));
    expect(narrow.scope).toBe("write");
    expect((await tokensBy(server, refreshForm(demo, narrow.refresh_token))).scope).toBe("read write");
  });

  it("repeated inside the grace window gets the same successor and a fresh access token", async () => {
    const { refresh_token } = await tokensOf(server, alice, demo);
    const first = await tokensBy(server, refreshForm(demo, refresh_token));
    const repeated = await tokensBy(server, refreshForm(demo, refresh_token));
    expect(repeated.refresh_token).toBe(first.refresh_token);
    expect(repeated.access_token).not.toBe(first.access_token);
    expect(await isActive(first.access_token)).toBe(true);
    expect(await isActive(repeated.access_token)).toBe(true);
  });

  it("repeated beyond the 64th time: invalid_grant, nothing happens", async () => {
    await using patient = await startTestServer({ refreshGraceSeconds: 60 });
    const person = new Person(patient.address);
    await person.signIn("alice");
    const client = demoClient(patient);
    const { refresh_token } = await tokensOf(patient, person, client);
    const successor = await tokensBy(patient, refreshForm(client, refresh_token));
    for (let repeat = 1; repeat <= 64; repeat += 1)
      await tokensBy(patient, refreshForm(client, refresh_token));
    const events = await patient.eventsOf(async () =>
      expectOAuthError(await requestToken(patient, refreshForm(client, refresh_token)), 400, "invalid_grant"),
    );
    expect(events).toEqual([]);
    expect((await introspect(patient, successor.access_token)).active).toBe(true);
    await tokensBy(patient, refreshForm(client, successor.refresh_token));
  });

  it("whose successor was used: invalid_grant, and the family is dead", async () => {
    const first = await tokensOf(server, alice, demo);
    const second = await tokensBy(server, refreshForm(demo, first.refresh_token));
    const third = await tokensBy(server, refreshForm(demo, second.refresh_token));
    await expectRefused(refreshForm(demo, first.refresh_token), "invalid_grant", reuse);
    for (const { access_token } of [first, second, third]) expect(await isActive(access_token)).toBe(false);
    await expectRefused(refreshForm(demo, third.refresh_token), "invalid_grant");
  });

  it("spent, outside the grace window: invalid_grant, and the family is dead", async () => {
    await using strict = await startTestServer({ refreshGraceSeconds: 0 });
    const person = new Person(strict.address);
    await person.signIn("alice");
    const client = demoClient(strict);
    const first = await tokensOf(strict, person, client);
    const second = await tokensBy(strict, refreshForm(client, first.refresh_token));
    await sleep(10);
    const events = await strict.eventsOf(async () =>
      expectOAuthError(
        await requestToken(strict, refreshForm(client, first.refresh_token)),
        400,
        "invalid_grant",
      ),
    );
    expect(events).toEqual(reuse.events);
    expect(await introspect(strict, second.access_token)).toEqual({ active: false });
    const response = await requestToken(strict, refreshForm(client, second.refresh_token));
    await expectOAuthError(response, 400, "invalid_grant");
  });
});
