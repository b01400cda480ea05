import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  authorizationRequest,
  authorizePath,
  demoClient,
  type FlowClient,
  flowClient,
} from "../../support/code-flow.ts";
import { expectPage } from "../../support/expect-error.ts";
import { expectAuthorizationRefused } from "../../support/expect-refused.ts";
import { fieldOf, formAction, Person } from "../../support/person.ts";
import { register, selfRegisteredClient } from "../../support/registration.ts";
import { encode, type Fields } from "../../support/requests.ts";
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
  selfRegistered = selfRegisteredClient(await register(server));
  alice = visitor();
  await alice.signIn("alice");
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (client: FlowClient, changes: Fields, person = visitor()): Promise<Response> =>
  person.open(authorizePath(client, changes));

/** The client is told `error`; who asks is signed out, unless a person is given. */
const expectRefused = (
  client: FlowClient,
  changes: Fields,
  error: string,
  person = visitor(),
): Promise<void> => expectAuthorizationRefused(server, { person, client, changes }, error);

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
    expect(html).toContain("reader.example");
    expect(html).toContain("invalid_scope");
  });

  it("is no redirect for prompt=none either", async () =>
    expect((await ask(selfRegistered, { prompt: "none" })).status).toBe(400));

  it("is a redirect for who is signed in", async () =>
    expectRefused(selfRegistered, wrong, "invalid_scope", alice));

  it.each(["/auth/authorize", "/auth/login", "/auth/logout", "/auth/consent"])(
    "no CORS at %s, not even for an origin of the list (RFC 9700 §2.6)",
    async (path) => {
      const url = `${server.address}${path}?${encode(authorizationRequest(demo))}`;
      const origin = { origin: "http://localhost:3000" };
      const preflight = { ...origin, "access-control-request-method": "POST" };
      const method = path === "/auth/consent" ? "POST" : "GET";
      for (const response of [
        await fetch(url, { redirect: "manual", method, headers: origin }),
        await fetch(url, { method: "OPTIONS", headers: preflight }),
      ]) {
        expect(response.headers.get("access-control-allow-origin")).toBeNull();
        expect(response.headers.get("access-control-allow-credentials")).toBeNull();
      }
    },
  );
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
    expect(response.status).toBe(303);
    // A page of ours beside this one.
    expect(response.headers.get("location")).toMatch(/^[a-z]+$/);
  });
});
