import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setClientStatus } from "../../../../application/commands/manage-client.ts";
import { setUserStatus } from "../../../../application/commands/manage-users.ts";
import { mcpTokens } from "../../../support/mcp.ts";
import { basic, bearer, postForm, sendJson } from "../../../support/requests.ts";
import { revokeToken } from "../../../support/revoke.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { newUser, operator, userIdOf } from "../../../support/signed-in.ts";

let open: TestServer;
let strict: TestServer;
beforeAll(async () => {
  open = await startTestServer();
  strict = await startTestServer({ requireBearer: true });
});
afterAll(async () => {
  await open[Symbol.asyncDispose]();
  await strict[Symbol.asyncDispose]();
});

type Headers = Record<string, string>;

async function createSession(server: TestServer, token: string): Promise<string> {
  const response = await fetch(`${server.address}/mcp/session/create`, {
    method: "POST",
    headers: bearer(token),
  });
  expect(response.status).toBe(200);
  const { session_id, expires_in } = (await response.json()) as { session_id: string; expires_in: number };
  expect(expires_in).toBeGreaterThan(1_700);
  return session_id;
}

const use = (
  server: TestServer,
  id: string,
  headers: Headers = {},
  tool = "list_scores",
): Promise<Response> =>
  sendJson("POST", `${server.address}/mcp/session/${id}/execute/${tool}`, { arguments: {} }, headers);

const close = (server: TestServer, id: string, headers: Headers = {}): Promise<Response> =>
  fetch(`${server.address}/mcp/session/${id}`, { method: "DELETE", headers });

describe("an MCP session, as the guide uses it without a token", () => {
  it("executes tools until it is closed", async () => {
    const id = await createSession(open, (await mcpTokens(open, "alice")).access_token);
    const response = await sendJson("POST", `${open.address}/mcp/session/${id}/execute/analyze_harmony`, {
      arguments: { score_id: "bach_invention_1" },
    });
    expect(await response.json()).toMatchObject({ success: true });
    expect(await (await close(open, id)).json()).toEqual({ status: "closed" });
    expect((await use(open, id)).status).toBe(401);
    expect(await (await close(open, id)).json()).toEqual({ status: "closed" });
  });

  it("may do no more than the token that opened it", async () => {
    const id = await createSession(open, (await mcpTokens(open, "alice", "read")).access_token);
    const response = await use(open, id, {}, "import_score");
    expect(response.status).toBe(403);
    expect(response.headers.get("www-authenticate")).toContain('scope="write"');
  });

  it("is not open to somebody else's token that comes with it", async () => {
    const id = await createSession(open, (await mcpTokens(open, "alice")).access_token);
    const other = await mcpTokens(open, "bob");
    expect((await use(open, id, bearer(other.access_token))).status).toBe(401);
    expect((await close(open, id, bearer(other.access_token))).status).toBe(401);
    expect((await use(open, id, bearer("nonsense"))).status).toBe(401);
    expect((await use(open, id)).status).toBe(200);
  });

  it("is open to nobody who guesses", async () => {
    const id = await createSession(open, (await mcpTokens(open, "alice")).access_token);
    const guess = `${id.slice(0, -1)}${id.endsWith("A") ? "B" : "A"}`;
    for (const wrong of [guess, "x", `${id}x`, id.replace("dcm_", "")])
      expect((await use(open, wrong)).status).toBe(401);
  });
});

describe("an MCP session ends at once", () => {
  it("with its grant", async () => {
    const { access_token, refresh_token } = await mcpTokens(open, "alice");
    const id = await createSession(open, access_token);
    await revokeToken(open, refresh_token);
    expect((await use(open, id)).status).toBe(401);
  });

  it("with the access token that opened it, where that alone is revoked", async () => {
    const { access_token } = await mcpTokens(open, "alice");
    const id = await createSession(open, access_token);
    await revokeToken(open, access_token);
    expect((await use(open, id)).status).toBe(401);
  });

  it("with its user", async () => {
    const username = await newUser(open);
    const id = await createSession(open, (await mcpTokens(open, username)).access_token);
    await setUserStatus(open.runtime.context, await userIdOf(open, username), "disable", operator);
    expect((await use(open, id)).status).toBe(401);
  });

  it("with its client, which may have opened it for itself", async () => {
    const { client, secret } = await open.client({});
    const response = await postForm(
      `${open.address}/auth/token`,
      { grant_type: "client_credentials", scope: "read" },
      basic(client.clientId, secret ?? ""),
    );
    const id = await createSession(open, ((await response.json()) as { access_token: string }).access_token);
    expect((await use(open, id)).status).toBe(200);
    await setClientStatus(open.runtime.context, client.clientId, "disable", operator);
    expect((await use(open, id)).status).toBe(401);
  });

  it("that is the oldest of more than a user may have, counted apart from sign-ins (I8)", async () => {
    const username = await newUser(open);
    const { access_token } = await mcpTokens(open, username);
    const ids = [];
    for (let count = 0; count < 6; count += 1) ids.push(await createSession(open, access_token));
    const statuses = await Promise.all(ids.map(async (id) => (await use(open, id)).status));
    expect(statuses).toEqual([401, 200, 200, 200, 200, 200]);
  });
});

describe("where the bearer token is required", () => {
  it("a session's id alone opens nothing", async () => {
    const { access_token } = await mcpTokens(strict, "alice");
    const id = await createSession(strict, access_token);
    expect((await use(strict, id)).status).toBe(401);
    expect((await close(strict, id)).status).toBe(401);
    expect((await use(strict, id, bearer(access_token))).status).toBe(200);
    expect(await (await close(strict, id, bearer(access_token))).json()).toEqual({ status: "closed" });
  });

  it("another person's token does not open it", async () => {
    const id = await createSession(strict, (await mcpTokens(strict, "alice")).access_token);
    const { access_token } = await mcpTokens(strict, "bob");
    expect((await use(strict, id, bearer(access_token))).status).toBe(401);
  });
});
