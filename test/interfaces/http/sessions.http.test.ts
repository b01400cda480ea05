import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setPassword, setUserStatus } from "../../../application/commands/manage-users.ts";
import {
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
import { Person } from "../../support/person.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { isSignedIn, newUser, operator, sessionCookie, signedIn, userIdOf } from "../../support/signed-in.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe.concurrent("the life of a session (§1)", () => {
  it("slides with use; its expiry ends no token", async () => {
    await using brief = await startTestServer({ sessionTtlMinutes: 0.05 });
    const used = await signedIn(brief, "alice");
    const idle = await signedIn(brief, "bob");
    const { access_token } = await tokensOf(brief, used, demoClient(brief));
    for (let count = 0; count < 6; count += 1) {
      await sleep(600);
      expect(await isSignedIn(brief, used)).toBe(true);
    }
    expect(await isSignedIn(brief, idle)).toBe(false);
    await sleep(3_100);
    expect(await isSignedIn(brief, used)).toBe(false);
    expect(await introspect(brief, access_token)).toMatchObject({ active: true });
  });

  it("does not slide where that is off", async () => {
    await using brief = await startTestServer({ sessionTtlMinutes: 0.05, enableSlidingExpiration: false });
    const person = await signedIn(brief, "alice");
    await sleep(1_600);
    expect(await isSignedIn(brief, person)).toBe(true);
    await sleep(1_600);
    expect(await isSignedIn(brief, person)).toBe(false);
  });
});

describe("the number of sessions (§1)", () => {
  it("a sixth sign-in ends only the oldest session's cookie, and no token", async () => {
    const username = await newUser(server);
    const browsers: Person[] = [];
    for (let count = 0; count < 5; count += 1) browsers.push(await signedIn(server, username));
    const [oldest] = browsers as [Person];
    const { access_token } = await tokensOf(server, oldest, demoClient(server));
    const sixth = await signedIn(server, username);
    const alive = await Promise.all([...browsers, sixth].map((browser) => isSignedIn(server, browser)));
    expect(alive).toEqual([false, true, true, true, true, true]);
    expect(await introspect(server, access_token)).toMatchObject({ active: true });
  });

  it("signing in again in the same browser ends no other browser's session", async () => {
    const username = await newUser(server);
    const browsers: Person[] = [];
    for (let count = 0; count < 5; count += 1) browsers.push(await signedIn(server, username));
    for (let count = 0; count < 3; count += 1) await browsers[4]?.signIn(username);
    const alive = await Promise.all(browsers.map((browser) => isSignedIn(server, browser)));
    expect(alive).toEqual([true, true, true, true, true]);
  });

  it("fifty sign-ins at once leave five sessions (I8)", async () => {
    const username = await newUser(server);
    const browsers = Array.from({ length: 50 }, () => new Person(server.address));
    await Promise.all(browsers.map((browser) => browser.signIn(username)));
    const alive = await Promise.all(browsers.map((browser) => isSignedIn(server, browser)));
    expect(alive.filter((is) => is)).toHaveLength(5);
  });
});

describe("signing out", () => {
  it("ends the sessionCookie, its cookie and the tokens that are bound to it, and no others (I5)", async () => {
    const username = await newUser(server);
    const here = await signedIn(server, username);
    const there = await signedIn(server, username);
    const tokens = await tokensOf(server, here, demoClient(server));
    const others = await tokensOf(server, there, demoClient(server));
    const code = await codeOf(here, demoClient(server));
    const cookie = here.cookies.get(sessionCookie) ?? "";
    await expectPage(await here.signOut(), 200, "You are signed out");
    expect(here.cookies.has(sessionCookie)).toBe(false);
    here.cookies.set(sessionCookie, cookie);
    expect(await isSignedIn(server, here)).toBe(false);
    expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
    for (const form of [
      refreshForm(demoClient(server), tokens.refresh_token),
      codeForm(demoClient(server), code),
    ])
      await expectOAuthError(await requestToken(server, form), 400, "invalid_grant");
    expect(await isSignedIn(server, there)).toBe(true);
    expect(await introspect(server, others.access_token)).toMatchObject({ active: true });
  });

  it("ends no token where bindTokens is off", async () => {
    await using loose = await startTestServer({ bindTokens: false });
    const person = await signedIn(loose, "alice");
    const { access_token, refresh_token } = await tokensOf(loose, person, demoClient(loose));
    await person.signOut();
    expect(await introspect(loose, access_token)).toMatchObject({ active: true });
    await tokensBy(loose, refreshForm(demoClient(loose), refresh_token));
  });

  it("needs the CSRF token of the session", async () => {
    const person = await signedIn(server, await newUser(server));
    for (const form of [{ csrf: "" }, { csrf: "wrong" }])
      await expectPage(await person.open("/auth/logout", form), 403, "This form is not yours");
    expect(await isSignedIn(server, person)).toBe(true);
  });

  it("when nobody is signed in says so", async () =>
    expectPage(await new Person(server.address).signOut(), 200, "You are signed out"));
});

describe("what ends all access of a user at once (I5)", () => {
  it.each([
    ["disabling", (userId: string) => setUserStatus(server.runtime.context, userId, "disable", operator)],
    [
      "signing out everywhere",
      (userId: string) => setUserStatus(server.runtime.context, userId, "sign_out_everywhere", operator),
    ],
    [
      "another password",
      (userId: string) => setPassword(server.runtime.context, userId, "another password", operator),
    ],
  ])("%s: cookies, codes, access and refresh tokens; enabling revives nothing", async (_, end) => {
    const username = await newUser(server);
    const person = await signedIn(server, username);
    const client = demoClient(server);
    const tokens = await tokensOf(server, person, client);
    const code = await codeOf(person, client);
    const userId = await userIdOf(server, username);
    await end(userId);
    const expectDead = async () => {
      expect(await isSignedIn(server, person)).toBe(false);
      expect(await introspect(server, tokens.access_token)).toEqual({ active: false });
      for (const form of [refreshForm(client, tokens.refresh_token), codeForm(client, code)])
        await expectOAuthError(await requestToken(server, form), 400, "invalid_grant");
    };
    await expectDead();
    await setUserStatus(server.runtime.context, userId, "enable", operator);
    await expectDead();
  });

  it("a disabled user cannot sign in, and is told no more than with a wrong password", async () => {
    const username = await newUser(server);
    await setUserStatus(server.runtime.context, await userIdOf(server, username), "disable", operator);
    const response = await new Person(server.address).signIn(username);
    await expectPage(response, 401, "The username or the password is wrong.");
  });
});
