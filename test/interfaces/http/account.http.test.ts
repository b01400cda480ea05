import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { disconnectApp } from "../../../application/commands/account.ts";
import { authorize } from "../../../application/commands/authorize.ts";
import { resumeSession } from "../../../application/commands/sign-in.ts";
import type { Batch } from "../../../application/ports/read-models.ts";
import { readAuthorizationRequest } from "../../../application/queries/authorization-request.ts";
import { parseParameters } from "../../../interfaces/http/parameters.ts";
import {
  authorizationRequest,
  codeForm,
  codeOf,
  demoClient,
  refreshForm,
  requestToken,
  tokensOf,
} from "../../support/code-flow.ts";
import { expectOAuthError, expectPage } from "../../support/expect-error.ts";
import { introspect } from "../../support/introspection.ts";
import { fieldOf, type Person, pkcePair } from "../../support/person.ts";
import { bearer, encode } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { isSignedIn, newUser, operator, sessionCookie, signedIn, userIdOf } from "../../support/signed-in.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const isActive = async (token: string): Promise<boolean> => (await introspect(server, token)).active === true;

const accountOf = async (person: Person): Promise<string> => (await person.open("/auth/account")).text();

/** Sends one of the page's forms, with the token that the page has. */
async function send(person: Person, action: string, fields: Record<string, string> = {}): Promise<Response> {
  const csrf = fieldOf(await accountOf(person), "csrf");
  return await person.open(`/auth/account/${action}`, { csrf, ...fields });
}

/** The id of the session that a person's cookie is of. */
const sessionIdOf = (person: Person): string => person.cookies.get(sessionCookie)?.split(".")[1] ?? "";

const sessionIdsOn = (page: string): readonly string[] =>
  [...page.matchAll(/name="session_id" value="([^"]+)"/g)].map(([, id]) => id ?? "");

describe("the account page", () => {
  it("is where a sign-in that leads nowhere else ends; signed out it asks for one", async () => {
    const person = await signedIn(server, await newUser(server));
    expect((await person.open("/auth/account")).status).toBe(200);
    await person.signOut();
    const response = await person.open("/auth/account");
    expect([response.status, response.headers.get("location")]).toEqual([303, "login"]);
  });

  it("lists sessions of both kinds with device and address, and the apps with what they may", async () => {
    const username = await newUser(server);
    const person = await signedIn(server, username);
    const other = await signedIn(server, username);
    const { access_token } = await tokensOf(server, other, demoClient(server), { scope: "read" });
    await fetch(`${server.address}/mcp/session/create`, {
      method: "POST",
      headers: {
        ...bearer(access_token),
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0",
      },
    });
    const page = await accountOf(person);
    expect(sessionIdsOn(page)).toHaveLength(3);
    for (const text of [username, "Firefox on Linux", "127.0.0.1", "this browser", "See your data"])
      expect(page).toContain(text);
    expect(page).toMatch(/MCP session of <bdi class="name">Demo client/);
    expect(page).not.toContain("Create and change your data");
  });

  it("shows from where a session was used last, once its use is recorded", async () => {
    await using proxied = await startTestServer({ trustProxy: "127.0.0.1", sessionTtlMinutes: 0.1 });
    const person = await signedIn(proxied, "alice");
    await sleep(700);
    const cookie = `${sessionCookie}=${person.cookies.get(sessionCookie)}`;
    const away = {
      cookie,
      "x-forwarded-for": "203.0.113.7",
      "user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0",
    };
    const page = await (await fetch(`${proxied.address}/auth/account`, { headers: away })).text();
    expect(page).toMatch(/Firefox on Linux/);
    expect(page).toMatch(/since .* · last seen .* from <bdi class="address" dir="ltr">203\.0\.113\.7</);
  });

  it("keeps address and agent out of the log", async () => {
    await signedIn(server, await newUser(server));
    const events = await server.runtime.store.readAll(0n, 10_000);
    const sessions = events.filter(({ type }) => type === "session.started").map(({ data }) => data);
    expect(sessions.length).toBeGreaterThan(0);
    expect(JSON.stringify(sessions)).not.toMatch(/127\.0\.0\.1|"node"/);
  });

  it("ends another session with the tokens that are bound to it, at once", async () => {
    const username = await newUser(server);
    const [person, other] = [await signedIn(server, username), await signedIn(server, username)];
    const { access_token } = await tokensOf(server, other, demoClient(server));
    const response = await send(person, "end-session", { session_id: sessionIdOf(other) });
    expect([response.status, response.headers.get("location")]).toEqual([303, "../account?done=session"]);
    expect(await isActive(access_token)).toBe(false);
    expect(await isSignedIn(server, other)).toBe(false);
    expect(await accountOf(person)).toContain(sessionIdOf(person));
  });

  it("ends the session of this browser too", async () => {
    const person = await signedIn(server, await newUser(server));
    const response = await send(person, "end-session", { session_id: sessionIdOf(person) });
    expect(response.headers.get("location")).toBe("../logout");
    expect(await isSignedIn(server, person)).toBe(false);
  });

  it("disconnects an app: all its tokens are dead, codes open nothing, and it must ask again", async () => {
    const person = await signedIn(server, await newUser(server));
    const [app, other] = [await confidential("One"), await confidential("Other")];
    const tokens = [await tokensOf(server, person, app), await tokensOf(server, person, app)];
    const kept = await tokensOf(server, person, other);
    const code = await codeOf(person, app);
    await send(person, "disconnect", { client_id: app.id });
    for (const { access_token, refresh_token } of tokens) {
      expect(await isActive(access_token)).toBe(false);
      await expectOAuthError(
        await requestToken(server, refreshForm(app, refresh_token)),
        400,
        "invalid_grant",
      );
    }
    const redeemed = await requestToken(server, {
      grant_type: "authorization_code",
      code: code.code,
      code_verifier: code.verifier,
      redirect_uri: app.redirectUri,
      client_id: app.id,
      client_secret: app.secret,
    });
    await expectOAuthError(redeemed, 400, "invalid_grant");
    expect(await isActive(kept.access_token)).toBe(true);
    const asked = await person.open(
      `/auth/authorize?${new URLSearchParams({ response_type: "code", client_id: app.id, redirect_uri: app.redirectUri, code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256" })}`,
    );
    await expectPage(asked, 200, "Allow access?");
    const page = await accountOf(person);
    expect(page).not.toContain(app.id);
    expect(page).toContain(other.id);
  });

  it("disconnects what the read models have not seen yet, and what is being approved meanwhile (I5)", async () => {
    let lag = 0;
    await using slow = await startTestServer({}, (engines) => ({
      ...engines,
      readModels: new Proxy(engines.readModels, {
        get(target, name) {
          const member = Reflect.get(target, name, target);
          if (name !== "apply") return typeof member === "function" ? member.bind(target) : member;
          return async (batch: Batch) => {
            if (lag > 0) await sleep(lag);
            return await target.apply(batch);
          };
        },
      }),
    }));
    const username = await newUser(slow);
    const person = await signedIn(slow, username);
    const client = demoClient(slow);
    await tokensOf(slow, person, client);
    lag = 500;
    const { access_token } = await tokensOf(slow, person, client);
    const { context } = slow.runtime;
    const signedInNow = await resumeSession(
      context,
      person.cookies.get(sessionCookie) ?? "",
      { address: "127.0.0.1", agent: "" },
      operator,
    );
    const query = { ...authorizationRequest(client), code_challenge: pkcePair().challenge };
    const asked = await readAuthorizationRequest(context, parseParameters(encode(query).toString()));
    await disconnectApp(context, await userIdOf(slow, username), client.id, "user", operator);
    expect((await introspect(slow, access_token)).active).toBe(false);
    // What was past the question for consent when that was withdrawn.
    if (asked.kind !== "valid" || !signedInNow) throw new Error("not signed in, or not asked rightly");
    const { verifier, challenge } = pkcePair();
    const code = await authorize(context, { ...asked.request, challenge }, signedInNow, operator);
    await expectOAuthError(
      await requestToken(slow, codeForm(client, { code, verifier })),
      400,
      "invalid_grant",
    );
  });

  it("says that a session was not open any more, and shows no words of a URL", async () => {
    const person = await signedIn(server, await newUser(server));
    const response = await send(person, "end-session", { session_id: "nothing of the sort" });
    expect(response.headers.get("location")).toBe("../account?done=nothing");
    for (const word of ["constructor", "__proto__", "evil"]) {
      const page = await (await person.open(`/auth/account?done=${word}`)).text();
      expect(page).not.toMatch(/role="status"|native code/);
    }
  });

  it("signs out everywhere, whoever has filled the limit of the pages meanwhile", async () => {
    await using limited = await startTestServer({ rateLimit: true });
    const person = await signedIn(limited, "alice");
    const csrf = fieldOf(await accountOf(person), "csrf");
    for (let count = 0; count < 60; count += 1) await fetch(`${limited.address}/auth/login`);
    expect((await person.open("/auth/account")).status).toBe(429);
    expect((await person.open("/auth/account/sign-out-everywhere", { csrf })).status).toBe(303);
  });

  it("signs out everywhere", async () => {
    const username = await newUser(server);
    const [person, other] = [await signedIn(server, username), await signedIn(server, username)];
    const { access_token } = await tokensOf(server, other, demoClient(server));
    await send(person, "sign-out-everywhere");
    for (const one of [person, other]) expect(await isSignedIn(server, one)).toBe(false);
    expect(await isActive(access_token)).toBe(false);
  });
});

async function confidential(name: string) {
  const { client, secret } = await server.client({ name });
  return { id: client.clientId, secret, redirectUri: client.redirectUris[0] ?? "" };
}

describe("the change of a password", () => {
  it("makes no remembered session of one that was not", async () => {
    await using long = await startTestServer({ sessionTtlMinutes: 1_440, sessionAbsoluteHours: 24 });
    const person = await signedIn(long, "alice");
    const response = await send(person, "password", {
      present_password: "password",
      new_password: "a better one",
    });
    const [cookie] = response.headers.getSetCookie().filter((line) => line.startsWith(sessionCookie));
    expect(cookie).not.toMatch(/expires/i);
  });

  it("ends all other sessions and all tokens; this browser goes on under a new id", async () => {
    const username = await newUser(server);
    const [person, other] = [await signedIn(server, username), await signedIn(server, username)];
    const { access_token } = await tokensOf(server, person, demoClient(server));
    const before = sessionIdOf(person);
    const response = await send(person, "password", {
      present_password: "password",
      new_password: "a much better one",
    });
    expect(response.headers.get("location")).toBe("../account?done=password");
    expect(sessionIdOf(person)).not.toBe(before);
    expect(sessionIdsOn(await accountOf(person))).toEqual([sessionIdOf(person)]);
    expect(await isSignedIn(server, other)).toBe(false);
    expect(await isActive(access_token)).toBe(false);
    await expectPage(await other.signIn(username), 401, "The username or the password is wrong.");
    expect((await other.signIn(username, "a much better one")).status).toBe(303);
  });

  it.each([
    ["wrong", "a much better one", "The present password is wrong."],
    ["password", "short", "A password must have 8 to 256 characters."],
  ])("is refused for %j and %j, and ends nothing", async (present_password, new_password, words) => {
    const username = await newUser(server);
    const [person, other] = [await signedIn(server, username), await signedIn(server, username)];
    await expectPage(await send(person, "password", { present_password, new_password }), 400, words);
    for (const one of [person, other]) expect(await isSignedIn(server, one)).toBe(true);
  });

  it("is no place to guess the password at", async () => {
    await using limited = await startTestServer({ rateLimit: true });
    const person = await signedIn(limited, "alice");
    const csrf = fieldOf(await accountOf(person), "csrf");
    const guess = () =>
      person.open("/auth/account/password", { csrf, present_password: "wrong", new_password: "irrelevant" });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) statuses.push((await guess()).status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(400));
    expect(statuses.at(-1)).toBe(429);
  });
});

describe("a form of the account page (RFC 9700 §4.7)", () => {
  const actions = ["end-session", "disconnect", "sign-out-everywhere", "password"];

  it.each(actions)(
    "%s is refused without its token, with another session's, or signed out",
    async (action) => {
      const username = await newUser(server);
      const [person, other] = [await signedIn(server, username), await signedIn(server, username)];
      const foreign = fieldOf(await accountOf(other), "csrf");
      for (const csrf of ["", "x", foreign]) {
        const response = await person.open(`/auth/account/${action}`, {
          csrf,
          session_id: sessionIdOf(person),
          present_password: "password",
          new_password: "a much better one",
        });
        await expectPage(response, 403, "This form is not yours");
      }
      expect(await isSignedIn(server, person)).toBe(true);
      await person.signOut();
      expect((await person.open(`/auth/account/${action}`, { csrf: foreign })).status).toBe(303);
      expect(await isSignedIn(server, other)).toBe(true);
    },
  );
});
