import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  authorizePath,
  demoClient,
  type FlowClient,
  flowClient,
  someChallenge,
} from "../../support/code-flow.ts";
import { expectPage } from "../../support/expect-error.ts";
import { expectAuthorizationRefused } from "../../support/expect-refused.ts";
import { Person } from "../../support/person.ts";
import type { Fields } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let demo: FlowClient;
/** One https redirect URI with a path in mixed case and a query. */
let web: FlowClient;
let alice: Person;
const visitor = () => new Person(server.address);

beforeAll(async () => {
  server = await startTestServer();
  demo = demoClient(server);
  web = flowClient(await server.client({ redirectUris: ["https://client.example/Call/back?a=1"] }));
  alice = visitor();
  await alice.signIn("alice");
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (client: FlowClient, changes: Fields, person = visitor()): Promise<Response> =>
  person.open(authorizePath(client, changes));

async function expectRefusedByPage(client: FlowClient, changes: Fields, words: string): Promise<void> {
  const events = await server.eventsOf(async () => expectPage(await ask(client, changes), 400, words));
  expect(events).toEqual([]);
}

async function expectAccepted(client: FlowClient, changes: Fields): Promise<void> {
  const response = await ask(client, changes);
  expect(response.status).toBe(303);
  expect(response.headers.get("location")).toMatch(/^login\?return_url=/);
}

/** The client is told `error`; who asks is signed out, unless a person is given. */
const expectRefused = (
  client: FlowClient,
  changes: Fields,
  error: string,
  person = visitor(),
): Promise<void> => expectAuthorizationRefused(server, { person, client, changes }, error);

describe("row 1 (RFC 6749 §4.1.2.1): a page for a client_id that is", () => {
  it.each([
    ["unknown", "c_unknown"],
    ["missing", null],
    ["empty", ""],
    ["repeated", ["c_1", "c_1"]],
    ["a name that every object has", "__proto__"],
  ])("%s", async (_, client_id) => expectRefusedByPage(demo, { client_id }, "Invalid client_id"));

  it("repeated, though it is a known one", async () =>
    expectRefusedByPage(demo, { client_id: [demo.id, demo.id] }, "Invalid client_id"));
});

describe("row 2 (RFC 6749 §3.1.2.3, RFC 9700 §2.1): a page for a redirect_uri that", () => {
  it.each([
    ["is unknown", "https://evil.example/"],
    ["has another path", "https://client.example/Call/back/more?a=1"],
    ["has another query", "https://client.example/Call/back?a=2"],
    ["has no query", "https://client.example/Call/back"],
    ["has more of a query", "https://client.example/Call/back?a=1&b=2"],
    ["has its path in another case", "https://client.example/call/back?a=1"],
    ["has its host in another case", "https://Client.example/Call/back?a=1"],
    ["has a trailing slash", "https://client.example/Call/back/?a=1"],
    ["has user information", "https://evil@client.example/Call/back?a=1"],
    ["hides a host in user information", "https://client.example@evil.example/Call/back?a=1"],
    ["has a dot as %2e", "https://client%2eexample/Call/back?a=1"],
    ["walks through %2e%2e", "https://client.example/Call/%2e%2e/Call/back?a=1"],
    ["has a fragment", "https://client.example/Call/back?a=1#"],
    ["names another port", "https://client.example:444/Call/back?a=1"],
    ["names the port that is the default", "https://client.example:443/Call/back?a=1"],
    ["is by http", "http://client.example/Call/back?a=1"],
    ["is no URI", "callback"],
  ])("%s", async (_, redirect_uri) => expectRefusedByPage(web, { redirect_uri }, "Invalid redirect_uri"));

  it("is missing, where several are registered", async () =>
    expectRefusedByPage(demo, { redirect_uri: null }, "Invalid redirect_uri"));

  it("is repeated", async () =>
    expectRefusedByPage(web, { redirect_uri: [web.redirectUri, web.redirectUri] }, "Invalid redirect_uri"));

  it("may be missing where one is registered", async () => expectAccepted(web, { redirect_uri: null }));
  it("may be the registered one", async () => expectAccepted(web, {}));
});

describe("row 2 (RFC 8252 §7.3): loopback redirects", () => {
  const cases: readonly [registered: string, type: "web" | "native", asked: string, accepted: boolean][] = [
    ["http://127.0.0.1:5000/cb", "web", "http://127.0.0.1:61234/cb", true],
    ["http://127.0.0.1/cb", "web", "http://127.0.0.1:61234/cb", true],
    ["http://[::1]:5000/cb", "web", "http://[::1]:61234/cb", true],
    ["http://127.0.0.1:5000/cb", "web", "http://127.0.0.1:61234/other", false],
    ["http://127.0.0.1:5000/cb", "web", "http://127.0.0.1:61234/cb?x=1", false],
    ["http://127.0.0.1:5000/cb", "web", "http://localhost:5000/cb", false],
    ["http://127.0.0.1:5000/cb", "web", "http://[::1]:5000/cb", false],
    ["http://127.0.0.1:5000/cb", "web", "http://127.0.0.1:99999/cb", false],
    ["http://127.0.0.1:5000/cb", "web", "http://127.0.0.1:5000@evil.example/cb", false],
    ["http://127.0.0.1:5000/cb", "web", "https://127.0.0.1:5000/cb", false],
    ["http://localhost/cb", "web", "http://localhost:61234/cb", true],
    ["http://localhost/cb", "web", "http://localhost:61234/other", false],
    ["http://localhost:5000/cb", "native", "http://localhost:61234/cb", true],
    ["http://localhost:5000/cb", "web", "http://localhost:5000/cb", true],
    ["http://localhost:5000/cb", "web", "http://localhost:61234/cb", false],
    ["http://localhost:5000/cb", "web", "http://localhost/cb", false],
  ];
  it.each(cases)(
    "registered %s (%s), asked %s: accepted %s",
    async (registered, type, redirect_uri, accepted) => {
      const client = flowClient(
        await server.client({
          redirectUris: [registered],
          applicationType: type,
          authMethods: ["none"],
          grantTypes: ["authorization_code"],
        }),
      );
      if (accepted) await expectAccepted(client, { redirect_uri });
      else await expectRefusedByPage(client, { redirect_uri }, "Invalid redirect_uri");
    },
  );
});

describe("row 3 (RFC 7636 §4.3, OAuth 2.1 §4.1.1): invalid_request for", () => {
  it.each<[string, Fields]>([
    ["no challenge", { code_challenge: null }],
    ["neither challenge nor method", { code_challenge: null, code_challenge_method: null }],
    ["an empty challenge", { code_challenge: "" }],
    ["the method plain", { code_challenge_method: "plain" }],
    ["the method s256", { code_challenge_method: "s256" }],
    ["no method", { code_challenge_method: null }],
    ["a challenge of 42 characters", { code_challenge: "a".repeat(42) }],
    ["a challenge of 129 characters", { code_challenge: "a".repeat(129) }],
    ["a challenge with a character that none has", { code_challenge: `${"a".repeat(43)}+` }],
  ])("%s", async (_, changes) => {
    await expectRefused(demo, changes, "invalid_request");
    await expectRefused(web, changes, "invalid_request", alice);
  });

  it.each([43, 128])("but not for a challenge of %i characters", async (length) =>
    expectAccepted(demo, { code_challenge: "a".repeat(length) }),
  );
});

describe("row 4 (RFC 6749 §3.1)", () => {
  it.each([
    ["token", "unsupported_response_type"],
    ["code token", "unsupported_response_type"],
    ["id_token", "unsupported_response_type"],
    [null, "invalid_request"],
    ["", "invalid_request"],
  ])("response_type %s: %s", async (response_type, error) => expectRefused(demo, { response_type }, error));

  it.each<[string, Fields]>([
    ["response_type", { response_type: ["code", "code"] }],
    ["scope", { scope: ["read", "read"] }],
    ["state", { state: ["one", "two"] }],
    ["code_challenge", { code_challenge: [someChallenge, someChallenge] }],
    ["code_challenge_method", { code_challenge_method: ["S256", "S256"] }],
    ["prompt", { prompt: ["login", "login"] }],
    ["max_age", { max_age: ["1", "1"] }],
    ["response_mode", { response_mode: ["query", "query"] }],
    ["nonce", { nonce: ["a", "b"] }],
    ["a parameter that we do not know", { colour: ["red", "red"] }],
  ])("%s repeated: invalid_request", async (_, changes) => expectRefused(demo, changes, "invalid_request"));

  it("resource repeated: accepted (RFC 8707 §2)", async () =>
    expectAccepted(demo, { resource: [`${server.issuer}/mcp`, server.issuer] }));

  it("an empty value is an absent one", async () =>
    expectAccepted(web, {
      redirect_uri: "",
      scope: "",
      prompt: "",
      max_age: "",
      response_mode: "",
      request: "",
    }));

  it("unknown parameters and nonce are ignored", async () =>
    expectAccepted(demo, { colour: "red", nonce: "n-0S6_WzA2Mj" }));
});

describe("row 5", () => {
  it.each<[string, string, Fields]>([
    ["RFC 6749 §4.1.2.1: an unknown scope", "invalid_scope", { scope: "read fly" }],
    ["RFC 6749 §3.3: a malformed scope", "invalid_scope", { scope: 'read "write"' }],
    ["RFC 8707 §2: an unknown resource", "invalid_target", { resource: "https://nowhere.example/mcp" }],
    [
      "RFC 8707 §2: one known resource, one not",
      "invalid_target",
      { resource: ["MCP", "https://nowhere.example"] },
    ],
    ["RFC 8707 §2: a resource with a fragment", "invalid_target", { resource: "MCP#part" }],
    ["RFC 8707 §2: a resource that is no URI", "invalid_target", { resource: "mcp" }],
  ])("%s: %s", async (_, error, changes) => {
    const resource =
      changes.resource && [changes.resource].flat().map((uri) => uri.replace("MCP", `${server.issuer}/mcp`));
    await expectRefused(demo, resource ? { ...changes, resource } : changes, error);
  });
});
