import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoClient, tokensOf } from "../../../support/code-flow.ts";
import { introspect } from "../../../support/introspection.ts";
import { Person } from "../../../support/person.ts";
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
      created_at: expect.stringMatching(/^2\d{3}-.*Z$/),
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

  const send = (method: "POST" | "PUT", path: string, body: unknown): Promise<Response> =>
    sendJson(method as "POST", `${server.address}/admin/users${path}`, body, bearer(admin));

  it("creates a user who can sign in, once with this name", async () => {
    const asked = { username: "  Grace Hopper ", password: "correct horse", scope: "read write" };
    const answer = await send("POST", "", asked);
    expect(answer.status).toBe(201);
    const user = (await answer.json()) as { user_id: string };
    expect(user).toMatchObject({ username: "Grace Hopper", status: "active", scope: "read write" });
    expect(answer.headers.get("location")).toBe(`${server.issuer}/admin/users/${user.user_id}`);
    expect(await (await ask("GET", `/${user.user_id}`)).json()).toEqual(user);
    const person = new Person(server.address);
    expect((await person.signIn("grace hopper", "correct horse")).status).toBe(303);
    await expectProblem(await send("POST", "", asked), 409);
  });

  it("creates one without a password, who can sign in once there is one", async () => {
    const { user_id } = (await (await send("POST", "", { username: "Later" })).json()) as { user_id: string };
    expect((await send("PUT", `/${user_id}/password`, { password: "correct horse" })).status).toBe(204);
    expect((await new Person(server.address).signIn("later", "correct horse")).status).toBe(303);
  });

  it("says which member of a new user is wrong", async () => {
    const good = { username: "Wrong", password: "correct horse" };
    for (const [member, value] of [
      ["username", "a\u0000b"],
      ["username", undefined],
      ["password", "short"],
      ["scope", "everything"],
      ["scope", 'a"b'],
    ] as const) {
      const answer = await send("POST", "", { ...good, [member]: value });
      expect(await answer.json()).toMatchObject({ status: 400, errors: [{ pointer: `#/${member}` }] });
    }
  });

  it("sets the scope, of which tokens lose at once what was taken", async () => {
    const username = await newUser(server);
    const userId = await userIdOf(server, username);
    const { access_token } = await tokensOf(server, await signedIn(server, username), demoClient(server));
    expect(await (await send("PUT", `/${userId}/scope`, { scope: "read" })).json()).toMatchObject({
      scope: "read",
    });
    expect(await introspect(server, access_token)).toMatchObject({ active: true, scope: "read" });
    await expectProblem(await send("PUT", `/${userId}/scope`, { scope: "everything" }), 400);
  });

  it("disables and enables; what ended stays ended", async () => {
    const username = await newUser(server);
    const path = `/${await userIdOf(server, username)}/status`;
    const person = await signedIn(server, username);
    expect(await (await send("PUT", path, { status: "disabled" })).json()).toMatchObject({
      status: "disabled",
    });
    expect(await isSignedIn(server, person)).toBe(false);
    expect((await person.signIn(username)).status).toBe(401);
    expect(await (await send("PUT", path, { status: "active" })).json()).toMatchObject({ status: "active" });
    expect(await isSignedIn(server, person)).toBe(false);
    expect((await person.signIn(username)).status).toBe(303);
    await expectProblem(await send("PUT", path, { status: "erased" }), 400);
  });

  it("erases for good, and says so again", async () => {
    const username = await newUser(server);
    const userId = await userIdOf(server, username);
    for (let time = 0; time < 2; time += 1) {
      const answer = await ask("DELETE", `/${userId}`);
      const { erasure } = (await answer.json()) as { erasure: string };
      expect([200, 202]).toContain(answer.status);
      expect(erasure).toBe(answer.status === 200 ? "complete" : "requested");
    }
    expect(await (await ask("GET", `/${userId}`)).json()).toEqual({
      user_id: userId,
      username: null,
      status: "erased",
      scope: "",
      created_at: null,
    });
    await expectProblem(await send("PUT", `/${userId}/status`, { status: "active" }), 409);
    await expectProblem(await ask("DELETE", "/u_nobody"), 404);
  });

  it("shows one session", async () => {
    const username = await newUser(server);
    await signedIn(server, username);
    const path = `/${await userIdOf(server, username)}/sessions`;
    const { sessions } = (await (await ask("GET", path)).json()) as { sessions: { session_id: string }[] };
    expect(await (await ask("GET", `${path}/${sessions[0]?.session_id}`)).json()).toEqual(sessions[0]);
    await expectProblem(await ask("GET", `${path}/unknown`), 404);
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
    ["POST", ""],
    ["POST", "/find"],
    ["GET", "/u_x"],
    ["DELETE", "/u_x"],
    ["PUT", "/u_x/scope"],
    ["PUT", "/u_x/status"],
    ["GET", "/u_x/sessions/s"],
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
