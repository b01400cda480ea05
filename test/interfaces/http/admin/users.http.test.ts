import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoClient, tokensOf } from "../../../support/code-flow.ts";
import { introspect } from "../../../support/introspection.ts";
import { bearer, sendJson } from "../../../support/requests.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { isSignedIn, newUser, signedIn, userIdOf } from "../../../support/signed-in.ts";

let server: TestServer;
let admin: string;
beforeAll(async () => {
  server = await startTestServer();
  const person = await signedIn(server, "admin");
  admin = (await tokensOf(server, person, demoClient(server), { scope: "read admin" })).access_token;
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (method: string, path: string, token = admin): Promise<Response> =>
  fetch(`${server.address}/admin/users${path}`, { method, headers: bearer(token) });

async function expectProblem(response: Response, status: number): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(await response.json()).toMatchObject({ type: "about:blank", status });
}

describe("/admin/users", () => {
  it("finds a user by name, without the name in a URL", async () => {
    const username = await newUser(server);
    const find = (name: unknown) =>
      sendJson("POST", `${server.address}/admin/users/find`, { username: name }, bearer(admin));
    expect(await (await find(username)).json()).toEqual({
      user_id: await userIdOf(server, username),
      username,
      status: "active",
      scope: "read write",
    });
    await expectProblem(await find("nobody of this name"), 404);
    await expectProblem(await find(7), 400);
  });

  it("lists users, page by page", async () => {
    const response = await ask("GET", "");
    const { users, next } = (await response.json()) as { users: { username: string }[]; next: string | null };
    expect(users.map(({ username }) => username)).toEqual(expect.arrayContaining(["alice", "bob", "admin"]));
    expect(next).toBeNull();
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("shows and ends one session, or all of them", async () => {
    const username = await newUser(server);
    const people = [await signedIn(server, username), await signedIn(server, username)] as const;
    const path = `/${await userIdOf(server, username)}/sessions`;
    const { sessions } = (await (await ask("GET", path)).json()) as { sessions: { session_id: string }[] };
    expect(sessions).toMatchObject([
      { kind: "browser", address: "127.0.0.1", user_agent: "node", client_id: null },
      { kind: "browser" },
    ]);
    const newest = sessions[0]?.session_id;
    expect((await ask("DELETE", `${path}/${newest}`)).status).toBe(204);
    await expectProblem(await ask("DELETE", `${path}/${newest}`), 404);
    expect(await Promise.all(people.map((person) => isSignedIn(server, person)))).toEqual([true, false]);
    expect((await ask("DELETE", path)).status).toBe(204);
    expect(await isSignedIn(server, people[0])).toBe(false);
    expect(await (await ask("GET", path)).json()).toEqual({ sessions: [] });
  });

  it("shows and disconnects apps", async () => {
    const username = await newUser(server);
    const client = demoClient(server);
    const { access_token } = await tokensOf(server, await signedIn(server, username), client);
    const path = `/${await userIdOf(server, username)}/apps`;
    expect(await (await ask("GET", path)).json()).toMatchObject({
      apps: [{ client_id: client.id, client_name: "Demo client", scope: "read write" }],
    });
    expect((await ask("DELETE", `${path}/${client.id}`)).status).toBe(204);
    expect(await introspect(server, access_token)).toEqual({ active: false });
    expect(await (await ask("GET", path)).json()).toEqual({ apps: [], complete: true });
  });

  it("sets a password, which ends all sessions", async () => {
    const username = await newUser(server);
    const person = await signedIn(server, username);
    const url = `${server.address}/admin/users/${await userIdOf(server, username)}/password`;
    expect((await sendJson("PUT", url, { password: "a new password" }, bearer(admin))).status).toBe(204);
    expect(await isSignedIn(server, person)).toBe(false);
    expect((await person.signIn(username, "a new password")).status).toBe(303);
    await expectProblem(await sendJson("PUT", url, { password: "short" }, bearer(admin)), 400);
  });

  it("says that there is no such user", async () => {
    const document = encodeURIComponent(`https://client.example/${"a".repeat(300)}`);
    for (const path of ["/u_nobody/sessions", "/u_nobody/apps", `/u_nobody/apps/${document}`])
      await expectProblem(await ask(path.includes("client") ? "DELETE" : "GET", path), 404);
  });

  it("records who did it", async () => {
    const username = await newUser(server);
    const userId = await userIdOf(server, username);
    await ask("DELETE", `/${userId}/sessions`);
    const events = await server.runtime.store.read(`user-${userId}`, { direction: "backwards", limit: 1 });
    expect(events).toMatchObject([{ metadata: { actor: `user:${await userIdOf(server, "admin")}` } }]);
  });

  const requests = [
    ["GET", ""],
    ["POST", "/find"],
    ["GET", "/u_x/sessions"],
    ["DELETE", "/u_x/sessions"],
    ["DELETE", "/u_x/sessions/s"],
    ["GET", "/u_x/apps"],
    ["DELETE", "/u_x/apps/c"],
    ["PUT", "/u_x/password"],
  ] as const;

  it.each(requests)(
    "%s %s needs a token with the scope admin for the issuer (RFC 6750 §3.1)",
    async (...asked) => {
      const alice = await signedIn(server, "alice");
      const { access_token } = await tokensOf(server, alice, demoClient(server));
      const refused = await ask(...asked, access_token);
      expect(refused.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
      await expectProblem(refused, 403);
      const resource = `${server.issuer}/mcp`;
      const person = await signedIn(server, "admin");
      const elsewhere = await tokensOf(server, person, demoClient(server), { scope: "admin", resource });
      await expectProblem(await ask(...asked, elsewhere.access_token), 401);
      const anonymous = await fetch(`${server.address}/admin/users${asked[1]}`, { method: asked[0] });
      expect(anonymous.headers.get("www-authenticate")).not.toContain("error=");
      await expectProblem(anonymous, 401);
    },
  );
});
