import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setUserStatus } from "../../../application/commands/manage-users.ts";
import { authorizePath, demoClient } from "../../support/code-flow.ts";
import { expectPage } from "../../support/expect-error.ts";
import { fieldOf, Person } from "../../support/person.ts";
import { encode, postForm } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { isSignedIn, newUser, operator, sessionCookie, signedIn, userIdOf } from "../../support/signed-in.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

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

  it("leads to the account page where nothing was wanted", async () => {
    const response = await new Person(server.address).signIn("alice");
    expect(response.headers.get("location")).toBe("account");
  });

  it("takes a username as people write it", async () => {
    await signedIn(server, "  ALICE ");
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
    expect(person.cookies.has(sessionCookie)).toBe(false);
  });

  it("checks a password once, whoever is named, and whether the name is known or not", async () => {
    const { passwords } = server.runtime.context;
    const { verify } = passwords;
    const hashes: (string | undefined)[] = [];
    Object.assign(passwords, {
      verify: (password: string, hash: string | undefined) => {
        hashes.push(hash);
        return verify(password, hash);
      },
    });
    const disabled = await newUser(server);
    await setUserStatus(server.runtime.context, await userIdOf(server, disabled), "disable", operator);
    for (const username of ["alice", "nobody", disabled, ""])
      await new Person(server.address).signIn(username, "wrong");
    Object.assign(passwords, { verify });
    expect(hashes.map((hash) => typeof hash)).toEqual(["string", "undefined", "undefined", "undefined"]);
  });

  it("starts a new session id at each sign-in, and one only (RFC 9700 §4.7)", async () => {
    const person = new Person(server.address);
    person.cookies.set(sessionCookie, "chosen-by-an-attacker");
    const events = await server.eventsOf(() => person.signIn("alice"));
    expect(events).toEqual(["session.started"]);
    const first = person.cookies.get(sessionCookie);
    expect(first).not.toBe("chosen-by-an-attacker");
    await person.signIn("alice");
    expect(person.cookies.get(sessionCookie)).not.toBe(first);
  });
});

describe("the CSRF token of the sign-in (RFC 9700 §4.7)", () => {
  const form = { username: "alice", password: "password" };

  async function expectForeign(person: Person, csrf: string): Promise<void> {
    const events = await server.eventsOf(async () =>
      expectPage(await person.open("/auth/login", { ...form, csrf }), 403, "This form is not yours"),
    );
    expect(events).toEqual([]);
    expect(person.cookies.has(sessionCookie)).toBe(false);
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
    expect(cookieSet(response, sessionCookie)).toEqual(["HttpOnly", "Path=/", "SameSite=Lax"]);
  });

  it("under https: __Host- and Secure (RFC 6265bis §4.1.3)", async () => {
    await using https = await startTestServer({ issuer: "https://localhost:9443" });
    const { response } = await signInWith(https, false);
    expect(cookieSet(response, `__Host-${sessionCookie}`)).toEqual([
      "HttpOnly",
      "Path=/",
      "SameSite=Lax",
      "Secure",
    ]);
  });

  it("with remember_me: lives for 30 days", async () => {
    const { response } = await signInWith(server, true);
    const expires = cookieSet(response, sessionCookie).find((attribute) => attribute.startsWith("Expires="));
    const days = (Date.parse(expires?.slice("Expires=".length) ?? "") - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.99);
    expect(days).toBeLessThanOrEqual(30);
  });

  it("opens nothing when a part of it was changed", async () => {
    const person = await signedIn(server, await newUser(server));
    const other = await signedIn(server, await newUser(server));
    const [user, id, secret = ""] = (person.cookies.get(sessionCookie) ?? "").split(".");
    const [otherUser, otherId] = (other.cookies.get(sessionCookie) ?? "").split(".");
    expect(await isSignedIn(server, person)).toBe(true);
    for (const forged of [
      `${user}.${id}.${secret.split("").reverse().join("")}`,
      `${otherUser}.${id}.${secret}`,
      `${user}.${otherId}.${secret}`,
      `${otherUser}.${otherId}.${secret}`,
      "x",
    ]) {
      person.cookies.set(sessionCookie, forged);
      expect(await isSignedIn(server, person)).toBe(false);
    }
  });
});

describe.concurrent("failed sign-ins (§1)", () => {
  let limited: TestServer;
  /** What binds the sign-in form to a browser; all attempts come from one page. */
  let browser: { readonly cookie: string; readonly csrf: string };
  beforeAll(async () => {
    limited = await startTestServer({ rateLimit: true, trustProxy: "127.0.0.1" });
    const page = await fetch(`${limited.address}/auth/login`);
    const [cookie = ""] = page.headers.getSetCookie()[0]?.split(";") ?? [];
    browser = { cookie, csrf: fieldOf(await page.text(), "csrf") };
  });
  afterAll(() => limited[Symbol.asyncDispose]());

  /** Somebody at this address, who tries this name and password once. */
  function attempt(address: string, username: string, password: string): Promise<Response> {
    const headers = { "x-forwarded-for": address, cookie: browser.cookie };
    return postForm(`${limited.address}/auth/login`, { username, password, csrf: browser.csrf }, headers);
  }

  /** The one of eleven attempts that is not free; one after another would give the first wait the time to end. */
  async function elevenAtOnce(address: string, username: (index: number) => string): Promise<Response> {
    const names = Array.from({ length: 11 }, (_, index) => username(index));
    const answers = await Promise.all(names.map((name) => attempt(address, name, "wrong")));
    const throttled = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    expect(throttled).toHaveLength(1);
    return throttled[0] as Response;
  }

  it.each([
    ["a known name", "alice", "198.51.100.1"],
    ["an unknown name", "nobody", "198.51.100.2"],
  ])("ten are free, then one has to wait, by account and address: %s", async (_, username, address) => {
    const throttled = await elevenAtOnce(address, () => username);
    expect(throttled.headers.get("retry-after")).toBe("1");
    await expectPage(throttled, 429, "Too many failed attempts.");
  });

  it("hold up neither another address nor another account, nor a name in other letters less", async () => {
    await elevenAtOnce("198.51.100.3", (index) => (index % 2 === 0 ? "bob" : " BOB"));
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
