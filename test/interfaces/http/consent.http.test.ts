import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  approve,
  authorizePath,
  codeForm,
  codeOf,
  demoClient,
  type FlowClient,
  flowClient,
  tokensBy,
} from "../../support/code-flow.ts";
import { fieldOf, formAction, Person, pkcePair } from "../../support/person.ts";
import type { Fields } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let demo: FlowClient;
let alice: Person;
let bob: Person;
beforeAll(async () => {
  server = await startTestServer();
  demo = demoClient(server);
  [alice, bob] = [new Person(server.address), new Person(server.address)];
  await Promise.all([alice.signIn("alice"), bob.signIn("bob")]);
});
afterAll(() => server[Symbol.asyncDispose]());

const publicClient = async (...redirectUris: string[]): Promise<FlowClient> =>
  flowClient(
    await server.client({
      redirectUris,
      authMethods: ["none"],
      grantTypes: ["authorization_code"],
      scope: "read write",
    }),
  );

const confidentialClient = async (...redirectUris: string[]): Promise<FlowClient> =>
  flowClient(await server.client({ redirectUris }));

/** Whether this request asks the person; it is not answered. */
async function isAsked(client: FlowClient, changes: Fields = {}, person = alice): Promise<boolean> {
  const response = await person.open(authorizePath(client, changes));
  if (response.status === 200) return true;
  expect(response.headers.get("location")).toContain("code=");
  return false;
}

describe("the consent page (§3)", () => {
  it("tells client, redirect host, resource and each scope in words", async () => {
    const html = await (await alice.open(authorizePath(demo))).text();
    expect(html).toContain("Demo client");
    expect(html).toContain("localhost:3000");
    expect(html).toContain(`${server.issuer}/mcp`);
    expect(html).toContain("See your data");
    expect(html).toContain("Create and change your data");
    expect(html).toContain("alice");
    expect(html).not.toContain("Administer the server");
  });

  it("warns of a redirect to this computer, and of nothing else", async () => {
    const warning = "The app runs on this computer.";
    expect(await (await alice.open(authorizePath(demo))).text()).toContain(warning);
    const web = await publicClient("https://app.example/cb");
    expect(await (await alice.open(authorizePath(web))).text()).not.toContain(warning);
  });

  it("names only what the person has", async () => {
    const html = await (await bob.open(authorizePath(demo))).text();
    expect(html).toContain("See your data");
    expect(html).not.toContain("Create and change your data");
  });
});

describe("the answer to the client (RFC 6749 §4.1.2, RFC 9207 §2)", () => {
  it.each(["xyz", "a b+c&d=e#f%20%", "ü€", `"'<>`])(
    "is a 303 with iss and the very state %j",
    async (state) => {
      const page = await (await alice.open(authorizePath(demo, { state }))).text();
      const response = await alice.decide(page);
      expect(response.status).toBe(303);
      expect(response.headers.get("cache-control")).toBe("no-store");
      const answer = new URL(response.headers.get("location") ?? "").searchParams;
      expect([...answer.keys()].sort()).toEqual(["code", "iss", "state"]);
      expect(answer.get("state")).toBe(state);
      expect(answer.get("iss")).toBe(server.issuer);
    },
  );

  it("has no state where there was none", async () =>
    expect((await approve(alice, demo, { state: null })).has("state")).toBe(false));

  it("keeps the query of the redirect URI", async () => {
    const client = await publicClient("https://app.example/cb?tenant=1&x=%20");
    const page = await (await alice.open(authorizePath(client))).text();
    const location = (await alice.decide(page)).headers.get("location");
    expect(location).toMatch(/^https:\/\/app\.example\/cb\?tenant=1&x=%20&code=dcc_/);
  });

  it("is access_denied where the person denies, by 303, and nothing is granted", async () => {
    const page = await (await alice.open(authorizePath(demo))).text();
    const events = await server.eventsOf(async () => {
      const response = await alice.decide(page, "deny");
      expect(response.status).toBe(303);
      const answer = new URL(response.headers.get("location") ?? "").searchParams;
      expect([...answer.keys()].sort()).toEqual(["error", "error_description", "iss", "state"]);
      expect(answer.get("error")).toBe("access_denied");
      expect(answer.get("state")).toBe("xyz");
    });
    expect(events).toEqual([]);
  });

  it("is a code by form_post too, with which the client gets tokens", async () => {
    const web = await confidentialClient("https://app.example/cb");
    const { verifier, challenge } = pkcePair();
    const changes = { response_mode: "form_post", code_challenge: challenge };
    const page = await (await alice.open(authorizePath(web, changes))).text();
    const html = await (await alice.decide(page)).text();
    expect(formAction(html)).toBe(web.redirectUri);
    expect(fieldOf(html, "state")).toBe("xyz");
    expect(fieldOf(html, "iss")).toBe(server.issuer);
    await tokensBy(server, codeForm(web, { code: fieldOf(html, "code"), verifier }));
  });
});

describe("the scope that is granted: asked, and the client's, and the person's (§3, I7)", () => {
  const scopeOf = async (person: Person, client: FlowClient, scope: string | null): Promise<string> =>
    (await tokensBy(server, codeForm(client, await codeOf(person, client, { scope })))).scope;

  it.each<[string, string | null, string]>([
    ["bob", "read write", "read"],
    ["bob", "write read admin", "read"],
    ["alice", "write read admin", "write read"],
    ["admin", "read write admin", "read write admin"],
    ["admin", null, "read write"],
    ["bob", null, "read"],
  ])("%s, asked %s: %s", async (username, asked, granted) => {
    const person = new Person(server.address);
    await person.signIn(username);
    expect(await scopeOf(person, demo, asked)).toBe(granted);
  });

  it("of a client that registered less", async () => {
    const reader = flowClient(await server.client({ scope: "read" }));
    expect(await scopeOf(alice, reader, "read write")).toBe("read");
    expect(await scopeOf(alice, reader, null)).toBe("read");
  });

  it.each(["write", "admin"])(
    "%s alone, which bob has not: invalid_scope, and he is not asked",
    async (scope) => {
      const response = await bob.open(authorizePath(demo, { scope }));
      expect(response.status).toBe(303);
      expect(new URL(response.headers.get("location") ?? "").searchParams.get("error")).toBe("invalid_scope");
    },
  );
});

describe("a consent is remembered (§3)", () => {
  it.each<[string, () => Promise<FlowClient>]>([
    ["a public client with an https redirect", () => publicClient("https://app.example/cb")],
    ["a confidential client", () => confidentialClient("https://app.example/cb")],
  ])("for %s, and leaves one event", async (_, register) => {
    const client = await register();
    expect(await isAsked(client)).toBe(true);
    expect(await server.eventsOf(() => approve(alice, client))).toEqual([
      "consent.given",
      "grant.authorized",
    ]);
    expect(await server.eventsOf(async () => expect(await isAsked(client)).toBe(false))).toEqual([
      "grant.authorized",
    ]);
  });

  it("and prompt=none goes through then (OpenID Connect Core §3.1.2.1)", async () => {
    const client = await publicClient("https://app.example/cb");
    await approve(alice, client);
    expect(await isAsked(client, { prompt: "none" })).toBe(false);
  });

  it("for less scope, and not for more", async () => {
    const client = await publicClient("https://app.example/cb");
    await approve(alice, client, { scope: "read" });
    expect(await isAsked(client, { scope: "read" })).toBe(false);
    expect(await isAsked(client, { scope: "read write" })).toBe(true);
    await approve(alice, client, { scope: "write" });
    expect(await isAsked(client, { scope: "read write" })).toBe(false);
  });

  it("for another redirect URI, another resource or another person not", async () => {
    const client = await publicClient("https://app.example/cb", "https://app.example/other");
    const resource = `${server.issuer}/mcp`;
    await approve(alice, client, { resource });
    expect(await isAsked(client, { resource })).toBe(false);
    expect(await isAsked(client, { resource, redirect_uri: "https://app.example/other" })).toBe(true);
    expect(await isAsked(client, { resource }, bob)).toBe(true);
    const admin = flowClient(await server.client({ scope: "read write admin" }));
    await approve(alice, admin, { resource });
    expect(await isAsked(admin, { resource: [resource, server.issuer] })).toBe(true);
  });

  it("but prompt=consent asks all the same", async () => {
    const client = await publicClient("https://app.example/cb");
    await approve(alice, client);
    expect(await isAsked(client, { prompt: "consent" })).toBe(true);
  });

  it("not where it was denied", async () => {
    const client = await publicClient("https://app.example/cb");
    const page = await (await alice.open(authorizePath(client))).text();
    await alice.decide(page, "deny");
    expect(await isAsked(client)).toBe(true);
  });
});

describe("a consent is asked for every time (RFC 8252 §8.6)", () => {
  it.each(["http://localhost:3000/cb", "http://127.0.0.1/cb", "http://[::1]/cb", "com.example.app:/cb"])(
    "for a public client at %s",
    async (redirectUri) => {
      const client = await publicClient(redirectUri);
      await approve(alice, client);
      expect(await isAsked(client)).toBe(true);
      const silent = await alice.open(authorizePath(client, { prompt: "none" }));
      expect(silent.headers.get("location")).toContain("error=consent_required");
    },
  );
});
