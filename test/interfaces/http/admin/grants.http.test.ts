import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setUserStatus } from "../../../../application/commands/manage-users.ts";
import { type AskAdmin, administer } from "../../../support/administrator.ts";
import { codeOf, demoClient, flowClient, tokensOf } from "../../../support/code-flow.ts";
import { introspect } from "../../../support/introspection.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { newUser, operator, signedIn, userIdOf } from "../../../support/signed-in.ts";

let server: TestServer;
let ask: AskAdmin;
beforeAll(async () => {
  server = await startTestServer();
  ask = await administer(server);
});
afterAll(() => server[Symbol.asyncDispose]());

interface Page {
  readonly grants: readonly Record<string, unknown>[];
  readonly next: string | null;
}

async function list(query: string): Promise<Page & { readonly link: string | null }> {
  const answer = await ask("GET", `/grants${query}`);
  expect(answer.status).toBe(200);
  return { ...((await answer.json()) as Page), link: answer.headers.get("link") };
}

describe("/admin/grants", () => {
  it("lists what a user granted, and what a client holds, and tells no hash", async () => {
    const username = await newUser(server);
    const userId = await userIdOf(server, username);
    const person = await signedIn(server, username);
    const other = flowClient(await server.client({}));
    await tokensOf(server, person, demoClient(server));
    await tokensOf(server, person, other);
    await codeOf(person, other);
    const own = await list(`?user_id=${userId}`);
    expect(own.grants).toHaveLength(3);
    expect(own.grants.filter(({ status }) => status === "pending")).toHaveLength(1);
    expect(JSON.stringify(own)).not.toMatch(/hash|nonce/i);
    const both = await list(`?user_id=${userId}&client_id=${other.id}`);
    expect(both.grants).toHaveLength(2);
    expect(await list(`?client_id=${encodeURIComponent(other.id)}`)).toMatchObject({ grants: both.grants });
    const active = both.grants.find(({ status }) => status === "active");
    expect(active).toMatchObject({
      client_id: other.id,
      user_id: userId,
      ended_because: null,
      scope: "read write",
      resources: [`${server.issuer}/mcp`],
      can_refresh: true,
    });
    expect(await (await ask("GET", `/grants/${active?.grant_id}`)).json()).toEqual(active);
  });

  it("ends one with all its tokens, twice too", async () => {
    const username = await newUser(server);
    const { access_token } = await tokensOf(server, await signedIn(server, username), demoClient(server));
    const [grant] = (await list(`?user_id=${await userIdOf(server, username)}`)).grants;
    const path = `/grants/${grant?.grant_id}`;
    for (let time = 0; time < 2; time += 1) {
      expect((await ask("DELETE", path)).status).toBe(204);
      expect(await introspect(server, access_token)).toEqual({ active: false });
    }
    expect(await (await ask("GET", path)).json()).toMatchObject({
      status: "ended",
      ended_because: "operator",
      can_refresh: false,
    });
    for (const method of ["GET", "DELETE"]) expect((await ask(method, "/grants/unknown")).status).toBe(404);
  });

  it("calls one ended whose user has ended, though its own events do not say so", async () => {
    const username = await newUser(server);
    const userId = await userIdOf(server, username);
    await tokensOf(server, await signedIn(server, username), demoClient(server));
    await setUserStatus(server.runtime.context, userId, "sign_out_everywhere", operator);
    const { grants } = await list(`?user_id=${userId}`);
    expect(grants).toMatchObject([{ status: "ended", ended_because: null, ended_at: null }]);
  });

  it("goes page by page, whatever comes meanwhile, and links the next (RFC 8288)", async () => {
    const username = await newUser(server);
    const query = `?user_id=${await userIdOf(server, username)}&limit=2`;
    const person = await signedIn(server, username);
    for (let made = 0; made < 5; made += 1) await tokensOf(server, person, demoClient(server));
    const all = (await list(query.replace("&limit=2", ""))).grants.map(({ grant_id }) => grant_id);
    const seen: unknown[] = [];
    let page = await list(query);
    for (;;) {
      seen.push(...page.grants.map(({ grant_id }) => grant_id));
      await ask("DELETE", `/grants/${page.grants[0]?.grant_id}`);
      if (page.next === null) break;
      const [, url = ""] = /^<([^>]+)>; rel="next"$/.exec(page.link ?? "") ?? [];
      expect(url.startsWith(`${server.issuer}/admin/grants?`)).toBe(true);
      page = await list(new URL(url).search);
    }
    expect(page.link).toBeNull();
    expect(seen).toEqual(all);
  });

  it.each([
    ["limit", "limit=0"],
    ["limit", "limit=101"],
    ["limit", "limit=ten"],
    ["limit", "limit=1&limit=2"],
    ["after", "after=a%20b"],
    ["after", "after=a&after=b"],
    ["user_id", "user_id=a&user_id=b"],
  ])("refuses a wrong %s by its name: %s", async (parameter, query) => {
    for (const path of ["/grants", "/users", "/clients", "/resources"]) {
      const answer = await ask("GET", `${path}?${query}`);
      if (parameter === "user_id" && path !== "/grants") continue;
      expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
      expect(await answer.json()).toMatchObject({ status: 400, errors: [{ parameter }] });
    }
  });
});
