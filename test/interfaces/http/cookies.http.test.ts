import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorizePath, demoClient } from "../../support/code-flow.ts";
import { decodeEntities, fieldOf, Person } from "../../support/person.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";

/** The attributes of the cookies that a sign-in sets, by their names. */
async function cookiesOf(settings: Record<string, unknown>): Promise<Record<string, string[]>> {
  await using server = await startTestServer(settings);
  const person = new Person(server.address);
  const page = await person.open("/auth/login?through=1");
  const csrf = fieldOf(await page.text(), "csrf");
  const signedIn = await person.open("/auth/login", { username: "alice", password: "password", csrf });
  expect(signedIn.status).toBe(303);
  const lines = [page, signedIn].flatMap(({ headers }) => headers.getSetCookie());
  return Object.fromEntries(
    lines.map((line) => {
      const [pair = "", ...attributes] = line.split("; ");
      return [pair.split("=")[0], attributes.filter((each) => !/^(?:Max-Age|Expires)=/.test(each)).sort()];
    }),
  );
}

describe("cookies (§1)", () => {
  const https = { issuer: "https://localhost:9443" };
  const strictly = ["HttpOnly", "Path=/", "SameSite=Strict"];
  const laxly = ["HttpOnly", "Path=/", "SameSite=Lax"];

  it.each([
    ["an http issuer", {}, "", laxly],
    ["an https issuer", https, "__Host-", [...laxly, "Secure"]],
    ["secureCookie=yes", { secureCookie: true }, "__Host-", [...laxly, "Secure"]],
    ["secureCookie=no under https", { ...https, secureCookie: false }, "", laxly],
    ["sameSite=strict", { sameSite: "strict" }, "", strictly],
    [
      "those of the guide",
      { ...https, secureCookie: true, sameSite: "strict" },
      "__Host-",
      [...strictly, "Secure"],
    ],
  ])("with %s", async (_, settings, prefix, attributes) => {
    const cookies = await cookiesOf(settings);
    const names = ["dacapo_known", "dacapo_session", "dacapo_sign_in"].map((name) => `${prefix}${name}`);
    expect(Object.keys(cookies).sort()).toEqual(names);
    for (const each of Object.values(cookies)) expect(each).toEqual(attributes);
  });
});

describe("sameSite=strict (§1, RFC 6265bis §5.2)", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ sameSite: "strict" });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Where a page leads by itself; undefined where it stays. */
  async function leadsTo(response: Response): Promise<string | undefined> {
    const [, content] =
      /<meta http-equiv="refresh" content="0; url=([^"]*)">/.exec(await response.text()) ?? [];
    return content === undefined ? undefined : decodeEntities(content);
  }

  const open = (path: string, site: string | undefined, init: RequestInit = {}) =>
    fetch(`${server.address}${path}`, {
      ...init,
      redirect: "manual",
      headers: { ...(site === undefined ? {} : { "sec-fetch-site": site }), ...init.headers },
    });

  it.each(["cross-site", undefined])("begins a request of the site %j again, once", async (site) => {
    const path = authorizePath(demoClient(server));
    const page = await open(path, site);
    expect(page.status).toBe(200);
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'; (?!.*script-src)/);
    const next = await leadsTo(page);
    expect(next).toBe(`${path.slice(path.indexOf("?"))}&through=1`);
    const again = await open(`/auth/authorize${next}`, site);
    expect(again.status).toBe(303);
    expect(again.headers.get("location")).toMatch(/^login\?/);
  });

  it("goes round once, however many parameters there are", async () => {
    const query = Array.from({ length: 200 }, (_, index) => `a${index}=1`).join("&");
    const first = await (await open(`/auth/authorize?${query}`, "cross-site")).text();
    expect(first).toContain("http-equiv");
    const second = await (await open(`/auth/authorize?${query}&through=1`, "cross-site")).text();
    expect(second).not.toContain("http-equiv");
  });

  it("asks nobody's leave for prompt=none, and tells the client", async () => {
    const next = await leadsTo(
      await open(authorizePath(demoClient(server), { prompt: "none" }), "cross-site"),
    );
    const answer = await open(`/auth/authorize${next}`, "same-origin");
    expect(answer.status).toBe(303);
    expect(new URL(answer.headers.get("location") ?? "").searchParams.get("error")).toBe("login_required");
  });

  it.each(["/auth/login", "/auth/logout", "/auth/account"])("begins %s again too", async (path) =>
    expect(await leadsTo(await open(path, "cross-site"))).toBe("?through=1"),
  );

  it("leads to the query of the same page, whatever that is", async () => {
    for (const query of [
      "//evil.example/",
      "https://evil.example",
      "a=1;url=https://evil.example",
      "';\\evil",
    ])
      expect(await leadsTo(await open(`/auth/authorize?${query}`, "cross-site"))).toMatch(/^\?.*&through=1$/);
    const html = await (await open("/auth/authorize?%22><script>x</script>", "cross-site")).text();
    expect(html).not.toContain("<script");
  });

  it.each(["same-origin", "same-site", "none"])("answers at once what comes from %s", async (site) =>
    expect((await open(authorizePath(demoClient(server)), site)).status).toBe(303),
  );

  it("answers at once who brings the session, and what is no navigation", async () => {
    const cookie = "dacapo_session=x";
    const path = authorizePath(demoClient(server));
    expect((await open(path, "cross-site", { headers: { cookie } })).status).toBe(303);
    expect((await open("/auth/login", "cross-site", { method: "POST" })).status).toBe(403);
  });

  it("is not begun again with sameSite=lax", async () => {
    await using lax = await startTestServer();
    const response = await fetch(`${lax.address}${authorizePath(demoClient(lax))}`, {
      headers: { "sec-fetch-site": "cross-site" },
      redirect: "manual",
    });
    expect(response.status).toBe(303);
  });
});
