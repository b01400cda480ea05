import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  authorizationRequest,
  authorizePath,
  demoClient,
  type FlowClient,
  flowClient,
  someChallenge,
} from "../../support/code-flow.ts";
import { expectPage, expectSentBack } from "../../support/expect-error.ts";
import { fieldOf, formAction, Person } from "../../support/person.ts";
import { encode, type Fields, sendJson } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

let server: TestServer;
let demo: FlowClient;
/** One https redirect URI with a path in mixed case and a query. */
let web: FlowClient;
let selfRegistered: FlowClient;
let alice: Person;
const visitor = () => new Person(server.address);

beforeAll(async () => {
  server = await startTestServer();
  demo = demoClient(server);
  web = flowClient(await server.client({ redirectUris: ["https://client.example/Call/back?a=1"] }));
  const registration = { client_name: "Stranger", redirect_uris: ["https://stranger.example/cb"] };
  const registered = await sendJson("POST", `${server.address}/auth/register`, registration);
  const { client_id } = (await registered.json()) as { client_id: string };
  selfRegistered = { id: client_id, secret: null, redirectUri: "https://stranger.example/cb" };
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

/** The client is told `error`; signed out first, then as the person, if one is given. */
async function expectRefused(client: FlowClient, changes: Fields, error: string, person = visitor()) {
  const { state } = authorizationRequest(client, changes);
  const told = { to: client.redirectUri.split("?")[0] ?? "", error, issuer: server.issuer };
  const events = await server.eventsOf(async () =>
    expectSentBack(await ask(client, changes, person), {
      ...told,
      state: typeof state === "string" ? state : null,
    }),
  );
  expect(events).toEqual([]);
}

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

describe("row 6 (OpenID Connect Core §3.1.2.1)", () => {
  it("prompt=none signed out: login_required", async () =>
    expectRefused(demo, { prompt: "none" }, "login_required"));

  it("prompt=none without consent: consent_required", async () =>
    expectRefused(demo, { prompt: "none" }, "consent_required", alice));

  it("prompt=none, signed in longer ago than max_age: login_required", async () =>
    expectRefused(demo, { prompt: "none", max_age: "0" }, "login_required", alice));

  it.each(["none login", "none consent", "dance"])("prompt=%s: invalid_request", async (prompt) => {
    await expectRefused(demo, { prompt }, "invalid_request");
    await expectRefused(demo, { prompt }, "invalid_request", alice);
  });

  it.each(["-1", "soon", "1.5"])("max_age=%s: invalid_request", async (max_age) =>
    expectRefused(demo, { max_age }, "invalid_request"),
  );

  it.each<[string, Fields]>([
    ["prompt=login", { prompt: "login" }],
    ["prompt=select_account", { prompt: "select_account" }],
    ["max_age=0", { max_age: "0" }],
  ])("%s signs in again, then goes on", async (_, changes) => {
    const person = visitor();
    await person.signIn("bob");
    const asked = await ask(demo, changes, person);
    const toSignIn = new URL(asked.headers.get("location") ?? "", `${server.address}/auth/authorize`);
    expect({ status: asked.status, path: toSignIn.pathname }).toEqual({ status: 303, path: "/auth/login" });
    const before = person.cookies.get("dacapo_session");
    const back = await person.signIn("bob", "password", toSignIn.searchParams.get("return_url") ?? "");
    expect(person.cookies.get("dacapo_session")).not.toBe(before);
    const page = await person.open(back.headers.get("location") ?? "");
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("Allow access?");
  });

  it("max_age that has not passed asks for no sign-in", async () =>
    expect((await ask(demo, { max_age: "3600" }, alice)).status).toBe(200));
});

describe("row 7", () => {
  it.each<[string, Fields, string]>([
    [
      "an unknown response_mode (OAuth 2.0 Multiple Response Types §2.1)",
      { response_mode: "fragment" },
      "unsupported_response_mode",
    ],
    [
      "request= (OpenID Connect Core §3.1.2.6)",
      { request: "eyJhbGciOiJub25lIn0.e30." },
      "request_not_supported",
    ],
    [
      "request_uri= (OpenID Connect Core §3.1.2.6)",
      { request_uri: "https://client.example/request" },
      "request_uri_not_supported",
    ],
  ])("%s", async (_, changes, error) => expectRefused(demo, changes, error));

  it("form_post (OAuth 2.0 Form Post Response Mode §2): no-store, escaped, to the client alone", async () => {
    const state = `"></form><script>alert(1)</script>&amp;`;
    const response = await ask(web, { response_mode: "form_post", prompt: "none", state });
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(html).not.toContain("<script>alert");
    expect(fieldOf(html, "state")).toBe(state);
    expect(fieldOf(html, "error")).toBe("login_required");
    expect(fieldOf(html, "iss")).toBe(server.issuer);
    expect(formAction(html)).toBe(web.redirectUri);
    const csp = (response.headers.get("content-security-policy") ?? "").split("; ");
    expect(csp).toContain("form-action https://client.example");
    expect(csp).toContain("default-src 'none'");
  });
});

describe("row 8 (RFC 9700 §4.11): an error of a self-registered client", () => {
  const wrong: Fields = { scope: "fly" };

  it("is no redirect for a signed-out visitor, but an interstitial", async () => {
    const response = await ask(selfRegistered, wrong);
    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
    expect(response.headers.get("refresh")).toBeNull();
    const html = await response.text();
    expect(html).not.toContain("<script");
    expect(html).not.toMatch(/http-equiv/i);
    expect(html).toContain("stranger.example");
    expect(html).toContain("invalid_scope");
  });

  it("is no redirect for prompt=none either", async () =>
    expect((await ask(selfRegistered, { prompt: "none" })).status).toBe(400));

  it("is a redirect for who is signed in", async () =>
    expectRefused(selfRegistered, wrong, "invalid_scope", alice));

  it.each(["/auth/authorize", "/auth/login", "/auth/logout"])("no CORS at %s", async (path) => {
    const response = await fetch(`${server.address}${path}?${encode(authorizationRequest(demo))}`, {
      redirect: "manual",
      headers: { origin: "http://localhost:3000" },
    });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("row 9: the consent page", () => {
  async function consentPage(person: Person, client = demo) {
    const html = await (await ask(client, {}, person)).text();
    return { action: formAction(html), csrf: fieldOf(html, "csrf") };
  }

  it.each<[string, (csrf: string) => Record<string, string>]>([
    ["missing", () => ({ decision: "approve" })],
    ["empty", () => ({ csrf: "", decision: "approve" })],
    ["wrong", (csrf) => ({ csrf: csrf.split("").reverse().join(""), decision: "approve" })],
  ])("403 for a CSRF token that is %s (RFC 9700 §4.7)", async (_, form) => {
    const { action, csrf } = await consentPage(alice);
    const events = await server.eventsOf(async () =>
      expectPage(await alice.open(action, form(csrf)), 403, "This form is not yours"),
    );
    expect(events).toEqual([]);
  });

  it("403 for the CSRF token of another session", async () => {
    const other = visitor();
    await other.signIn("alice");
    const { csrf } = await consentPage(other);
    const { action } = await consentPage(alice);
    const response = await alice.open(action, { csrf, decision: "approve" });
    await expectPage(response, 403, "This form is not yours");
  });

  it("403 for the CSRF token of another request", async () => {
    const { csrf } = await consentPage(alice, web);
    const { action } = await consentPage(alice, demo);
    const response = await alice.open(action, { csrf, decision: "approve" });
    await expectPage(response, 403, "This form is not yours");
  });

  it("403 where what was asked for was changed", async () => {
    const { action, csrf } = await consentPage(alice);
    const response = await alice.open(action.replace("scope=read+write", "scope=read"), {
      csrf,
      decision: "approve",
    });
    await expectPage(response, 403, "This form is not yours");
  });

  it("hidden fields that were tampered with have no effect", async () => {
    const { action, csrf } = await consentPage(alice);
    const forged = {
      scope: "admin",
      redirect_uri: "https://evil.example/",
      client_id: web.id,
      state: "forged",
    };
    const response = await alice.open(action, { csrf, decision: "approve", ...forged });
    const location = response.headers.get("location") ?? "";
    expect(location.split("?")[0]).toBe(demo.redirectUri);
    expect(new URL(location).searchParams.get("state")).toBe("xyz");
    expect(new URL(location).searchParams.get("code")).toMatch(/^dcc_/);
  });

  it("cannot be framed or stored, keeps its address to itself, and lets the form reach the client", async () => {
    const { headers } = await ask(web, {}, alice);
    const csp = (headers.get("content-security-policy") ?? "").split("; ");
    expect(csp).toContain("frame-ancestors 'none'");
    expect(csp).toContain("form-action 'self' https://client.example");
    expect(csp).toContain("default-src 'none'");
    expect(csp.some((directive) => directive.startsWith("script-src"))).toBe(false);
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("same-origin");
  });

  it("lets the form reach an IPv6 address by its scheme (CSP Level 3 §2.3.1 has no way to name it)", async () => {
    const loopback = flowClient(await server.client({ redirectUris: ["http://[::1]:5000/cb"] }));
    const { headers } = await ask(loopback, {}, alice);
    expect((headers.get("content-security-policy") ?? "").split("; ")).toContain("form-action 'self' http:");
  });

  it("markup in client_name is inert", async () => {
    const name = `<img src=x onerror=alert(1)>"'`;
    const client = flowClient(await server.client({ name }));
    const html = await (await ask(client, {}, alice)).text();
    expect(html).not.toContain("<img");
    expect(html).toContain("&#60;img src&#61;x onerror&#61;alert(1)&#62;");
  });

  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example/",
    "/\t/evil.example",
    "javascript:alert(1)",
  ])("return_url=%s is ignored", async (returnUrl) => {
    const person = visitor();
    const page = await (await person.open(`/auth/login?${encode({ return_url: returnUrl })}`)).text();
    expect(fieldOf(page, "return_url")).toBe("");
    const form = {
      username: "bob",
      password: "password",
      csrf: fieldOf(page, "csrf"),
      return_url: returnUrl,
    };
    const response = await person.open("/auth/login", form);
    expect({ status: response.status, location: response.headers.get("location") }).toEqual({
      status: 303,
      location: "logout",
    });
  });
});
