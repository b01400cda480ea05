import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectPage } from "../../support/expect-error.ts";
import { fieldOf } from "../../support/person.ts";
import { postForm } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { newUser } from "../../support/signed-in.ts";

let server: TestServer;
/** What binds the sign-in form to a browser; all that follow come from one page. */
let browser: { readonly cookie: string; readonly csrf: string };
beforeAll(async () => {
  server = await startTestServer({ rateLimit: true, trustProxy: "127.0.0.1" });
  const page = await fetch(`${server.address}/auth/login`);
  const [cookie = ""] = page.headers.getSetCookie()[0]?.split(";") ?? [];
  browser = { cookie, csrf: fieldOf(await page.text(), "csrf") };
});
afterAll(() => server[Symbol.asyncDispose]());

/** Somebody at this address, who tries this name and password once, in a browser that has this cookie too. */
function attempt(address: string, username: string, password: string, known = ""): Promise<Response> {
  const headers = { "x-forwarded-for": address, cookie: `${browser.cookie}; ${known}` };
  return postForm(`${server.address}/auth/login`, { username, password, csrf: browser.csrf }, headers);
}

/** Too long to be anybody's: it costs no hashing. */
const tooLong = "wrong".repeat(300);

async function expectFailures(times: number, username: string, known?: string): Promise<void> {
  for (let count = 0; count < times; count += 1)
    expect((await attempt(`203.0.113.${count}`, username, tooLong, known)).status).toBe(401);
}

/** The cookie that a sign-in leaves in a browser. */
async function knownTo(username: string): Promise<string> {
  const { headers } = await attempt("198.51.100.1", username, "password");
  return (
    headers
      .getSetCookie()
      .find((line) => line.startsWith("dacapo_known="))
      ?.split(";")[0] ?? ""
  );
}

describe("guesses of one password from many addresses", () => {
  it("stop strangers after a hundred in a quarter of an hour, not who has signed in by that browser before", async () => {
    const [victim, other] = [await newUser(server), await newUser(server)];
    const [known, foreign] = [await knownTo(victim), await knownTo(other)];
    expect(known).toMatch(/^dacapo_known=[\w-]{43}\.[\w-]{43}$/);
    await expectFailures(100, victim);

    const stranger = await attempt("203.0.113.200", victim, "password");
    const wait = Number(stranger.headers.get("retry-after"));
    expect(wait).toBeGreaterThan(800);
    expect(wait).toBeLessThanOrEqual(900);
    await expectPage(stranger, 429, "Too many failed attempts.");
    for (const forged of [foreign, `${known.slice(0, -1)}_`, known.split(".")[0], "dacapo_known=x.y"])
      expect((await attempt("203.0.113.201", victim, "password", forged)).status).toBe(429);
    expect((await attempt("203.0.113.202", victim, "password", known)).status).toBe(303);
    expect((await attempt("203.0.113.202", other, "password")).status).toBe(303);
  });

  it("are counted for a browser that is known, too", async () => {
    const victim = await newUser(server);
    const known = await knownTo(victim);
    await expectFailures(100, victim, known);
    expect((await attempt("203.0.113.200", victim, "password", known)).status).toBe(429);
    expect((await attempt("203.0.113.200", victim, "password")).status).toBe(303);
  });
});
