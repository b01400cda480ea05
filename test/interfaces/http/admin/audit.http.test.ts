import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eraseUser } from "../../../../application/commands/erase-user.ts";
import { demoClient, type Tokens, tokensOf } from "../../../support/code-flow.ts";
import { bearer, sendJson } from "../../../support/requests.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { newUser, signedIn, userIdOf } from "../../../support/signed-in.ts";

let server: TestServer;
let admin: string;
let alice: Tokens;
beforeAll(async () => {
  server = await startTestServer();
  const person = await signedIn(server, "admin");
  admin = (await tokensOf(server, person, demoClient(server), { scope: "read admin" })).access_token;
  alice = await tokensOf(server, await signedIn(server, "alice"), demoClient(server));
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (what: string, body: unknown, token = admin): Promise<Response> =>
  sendJson("POST", `${server.address}/admin/audit/${what}`, body, bearer(token));

const answerOf = async (what: string, body: unknown) => {
  const response = await ask(what, body);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return JSON.parse(await response.text());
};

async function problemOf(what: string, body: unknown, token = admin): Promise<[number, string]> {
  const response = await ask(what, body, token);
  const { title } = (await response.json()) as { title: string };
  return [response.status, title];
}

describe("/admin/audit", () => {
  it("explains a token, at once after it was issued", async () => {
    const { active, scope, reasons, events } = await answerOf("explain", { token: alice.access_token });
    expect({ active, scope }).toEqual({ active: true, scope: "read write" });
    expect(reasons.length).toBeGreaterThan(4);
    expect(events.map(({ type }: { type: string }) => type)).toContain("grant.code.redeemed");
    const { active: before } = await answerOf("explain", {
      token: alice.access_token,
      at: "2020-01-01T00:00Z",
    });
    expect(before).toBe(false);
  });

  it("tells a timeline, and what somebody can do", async () => {
    const { events, has_earlier } = await answerOf("timeline", {
      token: alice.refresh_token,
      related: false,
    });
    expect(events.map(({ type }: { type: string }) => type)).toEqual([
      "grant.authorized",
      "grant.code.redeemed",
    ]);
    expect(has_earlier).toBe(false);
    const user = await userIdOf(server, "alice");
    const { access, status } = await answerOf("access", { user });
    expect([status, access.map(({ how }: { how: string }) => how)]).toEqual(["active", ["session", "app"]]);
    const { changes } = await answerOf("access", { user, from: "2020-01-01" });
    expect(changes.map(({ change }: { change: string }) => change)).toEqual(["gained", "gained"]);
  });

  it("finds an event by its place, and a request by the name that an error reply gives it", async () => {
    const { events } = await answerOf("timeline", { user: await userIdOf(server, "alice") });
    const first = events.find(({ type }: { type: string }) => type === "user.registered");
    const ids = async (subject: object) =>
      (await answerOf("timeline", { ...subject, related: false })).events.map(({ id }: { id: string }) => id);
    for (const event of [first.id, first.position, `${first.stream}@${first.revision}`])
      expect(await ids({ event })).toEqual([first.id]);
    const request = first.correlation_id;
    expect(await ids({ request: `urn:uuid:${request}` })).toEqual(await ids({ request }));
    expect(await problemOf("timeline", { event: "user-nobody@0" })).toEqual([404, expect.any(String)]);
  });

  it("tells nobody's access apart from none", async () => {
    const nobody = { user: `u_${"A".repeat(22)}` };
    expect(await problemOf("access", nobody)).toEqual([404, expect.stringContaining("no user")]);
    expect(await problemOf("access", { user: "alice" })).toEqual([404, expect.stringContaining("no id")]);
    const user = await userIdOf(server, "alice");
    const [early, late] = ["2020-01-01", new Date().toISOString()];
    expect(await answerOf("access", { user, from: late, at: early })).toEqual(
      await answerOf("access", { user, from: early, at: late }),
    );
  });

  it("tells what was counted and noticed", async () => {
    const { rows, by } = await answerOf("stats", {});
    expect(by).toBe("day");
    expect(rows[0].counts).toMatchObject({
      "started.browser": expect.any(Number),
      "issued.authorization_code": expect.any(Number),
    });
    const blocks = await answerOf("stats", { by: "block" });
    expect(blocks.rows.map(({ name }: { name: string }) => name)).toEqual(["127.0.0.0/24"]);
    const { anomalies, has_earlier } = await answerOf("anomalies", { limit: 1 });
    expect({ anomalies, has_earlier }).toEqual({ anomalies: [], has_earlier: false });
    expect(await problemOf("stats", { by: "moon" })).toEqual([400, "by is malformed"]);
  });

  it("finds by address, until the person is erased", async () => {
    const username = await newUser(server);
    await signedIn(server, username);
    const userId = await userIdOf(server, username);
    const owners = async () => {
      const { events } = await answerOf("timeline", { address: "127.0.0.1", related: false, limit: 1000 });
      return events.map(({ data }: { data: { userId: string } }) => data.userId);
    };
    expect(await owners()).toContain(userId);
    const { context, store } = server.runtime;
    const erasureList = { all: async () => [], add: async () => undefined };
    const keepLeaves = async () => true;
    await eraseUser({ ...context, store, erasureList, keepLeaves }, userId, {
      actor: "operator",
      correlationId: "test",
    });
    expect(await owners()).not.toContain(userId);
  });

  it("is for administrators alone, and refuses what it cannot mean", async () => {
    expect((await problemOf("explain", { token: "x" }, alice.access_token))[0]).toBe(403);
    expect((await problemOf("explain", { token: "x" }, "nothing"))[0]).toBe(401);
    expect(await problemOf("explain", { token: alice.access_token.slice(0, 100) })).toEqual([
      404,
      expect.stringMatching(/not the whole of it/),
    ]);
    expect(await problemOf("explain", { token: "x", at: "2026-03-01T14:03" })).toEqual([
      400,
      "at is no time with its zone",
    ]);
    expect(await problemOf("explain", { token: "x", at: "2999-01-01" })).toEqual([
      400,
      "at is still to come",
    ]);
    expect(await problemOf("timeline", { user: "a", client: "b" })).toEqual([400, expect.any(String)]);
    expect(await problemOf("timeline", {})).toEqual([400, expect.any(String)]);
    expect(await problemOf("access", {})).toEqual([400, expect.any(String)]);
    expect(await problemOf("access", { user: "u", typo: 1 })).toEqual([400, expect.any(String)]);
  });
});
