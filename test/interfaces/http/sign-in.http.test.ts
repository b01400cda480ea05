import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser, setPassword, setUserStatus } from "../../../application/commands/manage-users.ts";
import {
  authorizePath,
  codeForm,
  codeOf,
  demoClient,
  refreshForm,
  requestToken,
  tokensBy,
  tokensOf,
} from "../../support/code-flow.ts";
import { expectOAuthError, expectPage } from "../../support/expect-error.ts";
import { introspect } from "../../support/introspection.ts";
import { fieldOf, Person } from "../../support/person.ts";
import { encode } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

const operator = { actor: "operator", correlationId: "test" };
const session = "dacapo_session";

let server: TestServer;
let people = 0;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A user of this test alone. */
async function newUser({ runtime } = server): Promise<string> {
  people += 1;
  const username = `person ${people}`;
  await createUser(runtime.context, { username, password: "password", scopes: ["read", "write"] }, operator);
  return username;
}

async function signedIn(username: string, { address } = server): Promise<Person> {
  const person = new Person(address);
  expect((await person.signIn(username)).status).toBe(303);
  return person;
}

/** Whether the person is asked for consent at once, not for a sign-in. */
async function isSignedIn(person: Person, at = server): Promise<boolean> {
  const response = await person.open(authorizePath(demoClient(at)));
  if (response.status === 200) return true;
  expect(response.headers.get("location")).toMatch(/^login\?/);
  return false;
}

/** The attributes of a cookie that a response sets. */
function cookieSet(response: Response, name: string): string[] {
  const line = response.headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`));
  return (line ?? "").split("; ").slice(1).sort();
}

describe("the sign-in page", () => {
  it("leads back to where the person wanted to go, and names the client", async () => {
    const person = new Person(server.address);
    const asked = await person.open(authorizePath(demoClient(server)));
    const toSignIn = asked.headers.get("location") ?? "";
    expect(toSignIn).toBe(`login?${encode({ return_url: authorizePath(demoClient(server)) })}`);
    const page = await person.open(toSignIn);
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("content-security-policy")).toContain(
      "form-action 'self' http://localhost:3000;",
    );
    const html = await page.text();
    expect(html).toContain("Demo client");
    const returnUrl = fieldOf(html, "return_url");
    const back = await person.signIn("alice", "password", returnUrl);
    expect(back.status).toBe(303);
    const again = back.headers.get("location") ?? "";
    expect(person.resolve(again)).toBe(`${server.address}${authorizePath(demoClient(server))}`);
    expect((await person.open(again)).status).toBe(200);
  });

  it("leads to the page of the sign-out where nothing was wanted", async () => {
    const response = await new Person(server.address).signIn("alice");
    expect(response.headers.get("location")).toBe("logout");
  });

  it("takes a username as people write it", async () => {
    await signedIn("  ALICE ");
  });

  it.each([
    ["a wrong password", "alice", "wrong"],
    ["an unknown name", "nobody", "password"],
    ["no password", "alice", ""],
    ["no name", "", "password"],
  ])("answers %s by the same 401, sets no session and leaves no event", async (_, username, password) => {
    const person = new Person(server.address);
    const events = await server.eventsOf(async () =>
      expectPage(await person.signIn(username, password), 401, "The username or the password is wrong."),
    );
    expect(events).toEqual([]);
    expect(person.cookies.has(session)).toBe(false);
  });

  it("starts a new session id at each sign-in, and one only (RFC 9700 §4.7)", async () => {
    const person = new Person(server.address);
    person.cookies.set(session, "chosen-by-an-attacker");
    const events = await server.eventsOf(() => person.signIn("alice"));
    expect(events).toEqual(["session.started"]);
    const first = person.cookies.get(session);
    expect(first).not.toBe("chosen-by-an-attacker");
    await person.signIn("alice");
    expect(person.cookies.get(session)).not.toBe(first);
  });
});

describe("the CSRF token of the sign-in (RFC 9700 §4.7)", () => {
  const form = { username: "alice", password: "password" };

  async function expectForeign(person: Person, csrf: string): Promise<void> {
    const events = await server.eventsOf(async () =>
      expectPage(await person.open("/auth/login", { ...form, csrf }), 403, "This form is not yours"),
    );
    expect(events).toEqual([]);
    expect(person.cookies.has(session)).toBe(false);
  }

  const tokenFor = async (person: Person) => fieldOf(await (await person.open("/auth/login")).text(), "csrf");

  it("missing: 403", async () => {
    const person = new Person(server.address);
    await tokenFor(person);
    await expectForeign(person, "");
  });

  it("of another browser: 403", async () => {
    const person = new Person(server.address);
    await tokenFor(person);
    await expectForeign(person, await tokenFor(new Person(server.address)));
  });

  it("without its cookie: 403", async () => {
    const person = new Person(server.address);
    const csrf = await tokenFor(person);
    person.cookies.clear();
    await expectForeign(person, csrf);
  });

  it("of an earlier tab of the same browser: accepted", async () => {
    const person = new Person(server.address);
    const csrf = await tokenFor(person);
    await tokenFor(person);
    expect((await person.open("/auth/login", { ...form, csrf })).status).toBe(303);
  });
});

describe("the session cookie (§1)", () => {
  async function signInWith(
    at: TestServer,
    rememberMe: boolean,
  ): Promise<{ response: Response; person: Person }> {
    const person = new Person(at.address);
    const csrf = fieldOf(await (await person.open("/auth/login")).text(), "csrf");
    const form = { username: "alice", password: "password", csrf };
    const response = await person.open("/auth/login", rememberMe ? { ...form, remember_me: "on" } : form);
    return { response, person };
  }

  it("on http loopback: a plain name, HttpOnly, SameSite=Lax, gone with the browser", async () => {
    const { response } = await signInWith(server, false);
    expect(cookieSet(response, session)).toEqual(["HttpOnly", "Path=/", "SameSite=Lax"]);
  });

  it("under https: __Host- and Secure (RFC 6265bis §4.1.3)", async () => {
    await using https = await startTestServer({ issuer: "https://localhost:9443" });
    const { response } = await signInWith(https, false);
    expect(cookieSet(response, `__Host-${session}`)).toEqual([
      "HttpOnly",
      "Path=/",
      "SameSite=Lax",
      "Secure",
    ]);
    expect(response.headers.get("strict-transport-security")).toMatch(/max-age=\d+/);
  });

  it("with remember_me: lives for 30 days", async () => {
    const { response } = await signInWith(server, true);
    const expires = cookieSet(response, session).find((attribute) => attribute.startsWith("Expires="));
    const days = (Date.parse(expires?.slice("Expires=".length) ?? "") - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.99);
    expect(days).toBeLessThanOrEqual(30);
  });

  it("opens nothing when a part of it was changed", async () => {
    const person = await signedIn(await newUser());
    const other = await signedIn(await newUser());
    const [user, id, secret = ""] = (person.cookies.get(session) ?? "").split(".");
    const [otherUser, otherId] = (other.cookies.get(session) ?? "").split(".");
    expect(await isSignedIn(person)).toBe(true);
    for (const forged of [
      `${user}.${id}.${secret.split("").reverse().join("")}`,
      `${otherUser}.${id}.${secret}`,
      `${user}.${otherId}.${secret}`,
      `${otherUser}.${otherId}.${secret}`,
      "x",
    ]) {
      person.cookies.set(session, forged);
      expect(await isSignedIn(person)).toBe(false);
    }
  });
});

describe.concurrent("the life of a session (§1)", () => {
  it("slides with use; its expiry ends no token", async () => {
    await using brief = await startTestServer({ sessionTtlMinutes: 0.05 });
    const used = await signedIn("alice", brief);
    const idle = await signedIn("bob", brief);
    const { access_token } = await tokensOf(brief, used, demoClient(brief));
    for (let count = 0; count < 6; count += 1) {
      await sleep(600);
      expect(await isSignedIn(used, brief)).toBe(true);
    }
    expect(await isSignedIn(idle, brief)).toBe(false);
    await sleep(3_100);
    expect(await isSignedIn(used, brief)).toBe(false);
    expect(await introspect(brief, access_token)).toMatchObject({ active: true });
  });

  it("does not slide where that is off", async () => {
    await using brief = await startTestServer({ sessionTtlMinutes: 0.05, enableSlidingExpiration: false });
    const person = await signedIn("alice", brief);
    await sleep(1_600);
    expect(await isSignedIn(person, brief)).toBe(true);
    await sleep(1_600);
    expect(await isSignedIn(person, brief)).toBe(false);
  });
});

describe("the number of sessions (§1)", () => {
  it("a sixth sign-in ends only the oldest session's cookie, and no token", async () => {
    const username = await newUser();
    const browsers: Person[] = [];
    for (let count = 0; count < 5; count += 1) browsers.push(await signedIn(username));
    const [oldest] = browsers as [Person];
    const { access_token } = await tokensOf(server, oldest, demoClient(server));
    const sixth = await signedIn(username);
    const alive = await Promise.all([...browsers, sixth].map((browser) => isSignedIn(browser)));
    expect(alive).toEqual([false, true, true, true, true, true]);
    expect(await introspect(server, access_token)).toMatchObject({ active: true });
  });

  it("signing in again in the same browser ends no other browser's session", async () => {
    const username = await newUser();
    const browsers: Person[] = [];
    for (let count = 0; count < 5; count += 1) browsers.push(await signedIn(username));
    for (let count = 0; count < 3; count += 1) await browsers[4]?.signIn(username);
    const alive = await Promise.all(browsers.map((browser) => isSignedIn(browser)));
    expect(alive).toEqual([true, true, true, true, true]);
  });

  it("fifty sign-ins at once leave five sessions (I8)", async () => {
    const username = await newUser();
    const browsers = Array.from({ length: 50 }, () => new Person(server.address));
    await Promise.all(browsers.map((browser) => browser.signIn(username)));
    const alive = await Promise.all(browsers.map((browser) => isSignedIn(browser)));
    expect(alive.filter((is) => is)).toHaveLength(5);
  });
});

describe.concurrent("failed sign-ins (§1)", () => {
  let limited: TestServer;
  beforeAll(async () => {
    limited = await startTestServer({ rateLimit: true, trustProxy: "127.0.0.1" });
  });
  afterAll(() => limited[Symbol.asyncDispose]());

  /** Somebody at this address, who tries this name and password once. */
  async function attempt(address: string, username: string, password: string): Promise<Response> {
    const headers = { "x-forwarded-for": address };
    const page = await fetch(`${limited.address}/auth/login`, { headers });
    const [cookie = ""] = page.headers.getSetCookie()[0]?.split(";") ?? [];
    const csrf = fieldOf(await page.text(), "csrf");
    return await fetch(`${limited.address}/auth/login`, {
      method: "POST",
      headers: { ...headers, cookie },
      body: encode({ username, password, csrf }),
      redirect: "manual",
    });
  }

  it.each([
    ["a known name", "alice", "198.51.100.1"],
    ["an unknown name", "nobody", "198.51.100.2"],
  ])("ten are free, then the waits double, by account and address: %s", async (_, username, address) => {
    const failed = async () => (await attempt(address, username, "wrong")).status;
    for (let count = 0; count < 10; count += 1) expect(await failed()).toBe(401);
    const throttled = await attempt(address, username, "password");
    expect(throttled.headers.get("retry-after")).toBe("1");
    await expectPage(throttled, 429, "Too many failed attempts.");
    await sleep(1_050);
    expect(await failed()).toBe(401);
    expect((await attempt(address, username, "wrong")).headers.get("retry-after")).toBe("2");
    await sleep(2_050);
    expect(await failed()).toBe(401);
    expect((await attempt(address, username, "wrong")).headers.get("retry-after")).toBe("4");
  });

  it("hold up neither another address nor another account, nor a name in other letters less", async () => {
    for (let count = 0; count < 10; count += 1) await attempt("198.51.100.3", "bob", "wrong");
    expect((await attempt("198.51.100.3", " BOB", "password")).status).toBe(429);
    expect((await attempt("198.51.100.4", "bob", "password")).status).toBe(303);
    expect((await attempt("198.51.100.3", "admin", "password")).status).toBe(303);
  });

  it("are forgotten after a right one", async () => {
    for (let count = 0; count < 9; count += 1) await attempt("198.51.100.5", "alice", "wrong");
    expect((await attempt("198.51.100.5", "alice", "password")).status).toBe(303);
    for (let count = 0; count < 9; count += 1) await attempt("198.51.100.5", "alice", "wrong");
    expect((await attempt("198.51.100.5", "alice", "password")).status).toBe(303);
  });
});

describe("signing out", () => {
  it("ends the session, its cookie and the tokens that are bound to it, and no others (I5)", async () => {
    const username = await newUser();
    const here = await signedIn(username);
    const there = await signedIn(username);
    const tokens = await tokensOf(server, here, demoClient(server));
    const others = await tokensOf(server, there, demoClient(server));
    const code = await codeOf(here, demoClient(server));
    const cookie = here.cookies.get(session) ?? "";
    await expectPage(await here.signOut(), 200, "You are signed out");
    expect(here.cookies.has(session)).toBe(false);
    here.cookies.set(session, cookie);
    expect(await isSignedIn(here)).toBe(false);
    expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
    for (const form of [
      refreshForm(demoClient(server), tokens.refresh_token),
      codeForm(demoClient(server), code),
    ])
      await expectOAuthError(await requestToken(server, form), 400, "invalid_grant");
    expect(await isSignedIn(there)).toBe(true);
    expect(await introspect(server, others.access_token)).toMatchObject({ active: true });
  });

  it("ends no token where bindTokens is off", async () => {
    await using loose = await startTestServer({ bindTokens: false });
    const person = await signedIn("alice", loose);
    const { access_token, refresh_token } = await tokensOf(loose, person, demoClient(loose));
    await person.signOut();
    expect(await introspect(loose, access_token)).toMatchObject({ active: true });
    await tokensBy(loose, refreshForm(demoClient(loose), refresh_token));
  });

  it("needs the CSRF token of the session", async () => {
    const person = await signedIn(await newUser());
    for (const form of [{ csrf: "" }, { csrf: "wrong" }])
      await expectPage(await person.open("/auth/logout", form), 403, "This form is not yours");
    expect(await isSignedIn(person)).toBe(true);
  });

  it("when nobody is signed in says so", async () =>
    expectPage(await new Person(server.address).signOut(), 200, "You are signed out"));
});

describe("what ends all access of a user at once (I5)", () => {
  it.each([
    ["disabling", (username: string) => setUserStatus(server.runtime.context, username, "disable", operator)],
    [
      "signing out everywhere",
      (username: string) => setUserStatus(server.runtime.context, username, "sign_out_everywhere", operator),
    ],
    [
      "another password",
      (username: string) => setPassword(server.runtime.context, username, "another password", operator),
    ],
  ])("%s: cookies, codes, access and refresh tokens; enabling revives nothing", async (_, end) => {
    const username = await newUser();
    const person = await signedIn(username);
    const client = demoClient(server);
    const tokens = await tokensOf(server, person, client);
    const code = await codeOf(person, client);
    await end(username);
    const expectDead = async () => {
      expect(await isSignedIn(person)).toBe(false);
      expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
      for (const form of [refreshForm(client, tokens.refresh_token), codeForm(client, code)])
        await expectOAuthError(await requestToken(server, form), 400, "invalid_grant");
    };
    await expectDead();
    await setUserStatus(server.runtime.context, username, "enable", operator);
    await expectDead();
  });

  it("a disabled user cannot sign in, and is told no more than with a wrong password", async () => {
    const username = await newUser();
    await setUserStatus(server.runtime.context, username, "disable", operator);
    const response = await new Person(server.address).signIn(username);
    await expectPage(response, 401, "The username or the password is wrong.");
  });
});
