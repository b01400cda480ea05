import { request } from "node:http";
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from "@modelcontextprotocol/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { demoClient, tokensOf } from "../../../support/code-flow.ts";
import { execute, mcpTokens, resultOf } from "../../../support/mcp.ts";
import { bearer, sendJson } from "../../../support/requests.ts";
import { revokeToken } from "../../../support/revoke.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { signedIn } from "../../../support/signed-in.ts";

let server: TestServer;
let alice: string;
let bob: string;
let admin: string;
beforeAll(async () => {
  server = await startTestServer();
  alice = (await mcpTokens(server, "alice")).access_token;
  bob = (await mcpTokens(server, "bob")).access_token;
  admin = (await mcpTokens(server, "admin", "read write admin")).access_token;
});
afterAll(() => server[Symbol.asyncDispose]());

const challengeOf = (response: Response): string => response.headers.get("www-authenticate") ?? "";

describe("GET /mcp/tools", () => {
  const namesFor = async (token: string) => {
    const response = await fetch(`${server.address}/mcp/tools`, { headers: bearer(token) });
    const { tools } = (await response.json()) as { tools: { name: string; required_scope: string }[] };
    return tools.map(({ name, required_scope }) => `${name} ${required_scope}`);
  };
  const reading = ["list_scores read", "get_score_info read", "analyze_key read", "analyze_harmony read"];
  const writing = ["import_score", "transpose_score", "harmonize_melody", "create_counterpoint"].map(
    (name) => `${name} write`,
  );

  it("names the tools that the token may use, each with the scope of the guide's table", async () => {
    expect(await namesFor(bob)).toEqual(reading);
    expect(await namesFor(alice)).toEqual([...reading, ...writing]);
    expect(await namesFor(admin)).toEqual([
      ...reading,
      ...writing,
      "clear_cache admin",
      "reset_server admin",
    ]);
  });

  it("tells the schema of the arguments", async () => {
    const response = await fetch(`${server.address}/mcp/tools`, { headers: bearer(bob) });
    const { tools } = (await response.json()) as { tools: { name: string; input_schema: unknown }[] };
    expect(tools.find(({ name }) => name === "analyze_key")?.input_schema).toMatchObject({
      type: "object",
      properties: { score_id: { type: "string" }, algorithm: { default: "all" } },
      required: ["score_id"],
    });
  });
});

describe("POST /mcp/execute/{tool}", () => {
  it("takes arguments as the guide's text and as its client class send them", async () => {
    const wrapped = { arguments: { score_id: "bach_invention_1" } };
    for (const body of [wrapped, wrapped.arguments])
      expect(await resultOf(await execute(server, alice, "analyze_key", body))).toMatchObject({
        status: "success",
        key: "C major",
      });
  });

  it("needs no arguments, nor a body, where a tool has none", async () => {
    const url = `${server.address}/mcp/execute/list_scores`;
    const json = { "content-type": "application/json", ...bearer(bob) };
    for (const init of [{ headers: bearer(bob) }, { headers: json }, { headers: json, body: "" }])
      expect((await fetch(url, { method: "POST", ...init })).status).toBe(200);
    expect(
      (await resultOf(await execute(server, bob, "list_scores", { arguments: {} }))).total_count,
    ).toBeGreaterThan(3);
  });

  it("refuses a token without the scope, and names it (RFC 6750 §3.1)", async () => {
    const response = await execute(server, bob, "transpose_score", { score_id: "x", interval: "M2" });
    expect(response.status).toBe(403);
    expect(challengeOf(response)).toContain('error="insufficient_scope"');
    expect(challengeOf(response)).toContain('scope="write"');
    expect(await response.json()).toMatchObject({ error: "insufficient_scope" });
    expect((await execute(server, alice, "reset_server")).status).toBe(403);
  });

  it.each([
    ["analyze_key", {}, /^score_id: expected/],
    ["analyze_key", { score_id: 7 }, /^score_id: expected/],
    ["analyze_key", { score_id: "bach_invention_1", algorithm: "schenker" }, /^algorithm: must be all/],
    ["get_score_info", { score_id: "nowhere" }, /^Score with ID 'nowhere' not found$/],
    ["get_score_info", { score_id: "../etc" }, /^Score with ID '..\/etc' not found$/],
    ["transpose_score", { score_id: "bach_invention_1" }, /expected either interval or to_key/],
    ["import_score", { score_id: "a", source: "/etc/passwd", source_type: "file" }, /reads no files/],
    ["import_score", { score_id: "a b", source: "C4:q" }, /^A score ID has/],
    ["import_score", { score_id: "bach_invention_1", source: "C4:q" }, /already exists/],
    ["create_counterpoint", { score_id: "fux_dorian", species: "second" }, /second/],
    ["harmonize_melody", { score_id: "ode_to_joy", voice_parts: 5 }, /4|four/],
  ])("%s declines %j in one sentence", async (tool, args, sentence) => {
    const response = await execute(server, alice, tool, args);
    expect(response.status).toBe(200);
    const body = (await response.json()) as { success: boolean; error: string };
    expect(body).toEqual({ success: false, error: expect.stringMatching(sentence) });
  });

  it("knows no other tool, whoever asks", async () => {
    expect((await execute(server, alice, "format_disk")).status).toBe(404);
    expect((await execute(server, "nonsense", "format_disk")).status).toBe(401);
  });

  it("refuses JSON that is none, and more than 2 MB of it", async () => {
    const url = `${server.address}/mcp/execute/list_scores`;
    const send = (body: string) =>
      fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...bearer(alice) } });
    expect((await send("{")).status).toBe(400);
    expect((await send(JSON.stringify({ a: "x".repeat(3_000_000) }))).status).toBe(413);
  });
});

describe("a token", () => {
  const list = (headers: Record<string, string>) => fetch(`${server.address}/mcp/tools`, { headers });

  it("is asked for, with where to learn how to get one (RFC 9728 §5.1)", async () => {
    const response = await list({});
    expect(response.status).toBe(401);
    const challenge = challengeOf(response);
    expect(challenge).toContain(
      `resource_metadata="${server.issuer}/.well-known/oauth-protected-resource/mcp"`,
    );
    expect(challenge).toContain('scope="read"');
    expect(challenge).not.toContain("error=");
    const metadata = await (await fetch(/resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? "")).json();
    expect(metadata).toMatchObject({
      resource: `${server.issuer}/mcp`,
      authorization_servers: [server.issuer],
      bearer_methods_supported: ["header"],
    });
  });

  it("of nobody, or in another place than the header, is refused", async () => {
    const response = await list(bearer("nonsense"));
    expect(response.status).toBe(401);
    expect(challengeOf(response)).toContain('error="invalid_token"');
    expect((await fetch(`${server.address}/mcp/tools?access_token=${alice}`)).status).toBe(401);
    expect((await list({ authorization: "Basic YTpi" })).status).toBe(400);
  });

  it("for another resource is refused (RFC 8707, RFC 9068 §4)", async () => {
    const person = await signedIn(server, "admin");
    const { access_token } = await tokensOf(server, person, demoClient(server), {
      scope: "read admin",
      resource: server.issuer,
    });
    const response = await list(bearer(access_token));
    expect(response.status).toBe(401);
    expect(challengeOf(response)).toContain('error="invalid_token"');
  });

  it("that was revoked is refused at once", async () => {
    const { access_token, refresh_token } = await mcpTokens(server, "bob");
    expect((await list(bearer(access_token))).status).toBe(200);
    await revokeToken(server, refresh_token);
    expect((await list(bearer(access_token))).status).toBe(401);
  });
});

describe("/mcp", () => {
  const list = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
  const ask = (method: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(`${server.address}/mcp`, {
      method,
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...bearer(alice),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });

  it("is asked by POST alone: it has no sessions, and no stream of its own", async () => {
    expect((await ask("POST", {}, list)).status).toBe(200);
    for (const method of ["GET", "DELETE", "HEAD", "PUT"]) expect((await ask(method)).status).toBe(405);
  });

  it("answers nonsense by 400, never by 500", async () => {
    for (const body of ["", "null", "[]", "{}", '"x"', "[1,2]", '{"jsonrpc":"2.0"}', "{"])
      expect((await ask("POST", {}, body)).status).toBe(400);
    expect((await ask("POST", { "mcp-protocol-version": "1999-01-01" }, list)).status).toBe(400);
    expect((await ask("POST", { "content-type": "text/plain" }, list)).status).toBeGreaterThanOrEqual(400);
  });

  it("goes by its own name, whatever Host a request has", async () => {
    const { port } = new URL(server.address);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        host: "[",
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...bearer(alice),
      };
      request({ port, path: "/mcp", method: "POST", headers, setHost: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end(list);
    });
    expect(status).toBe(200);
  });

  it("keeps no stream open for a client that would subscribe to something", async () => {
    const _meta = {
      [PROTOCOL_VERSION_META_KEY]: "2026-07-28",
      [CLIENT_INFO_META_KEY]: { name: "test", version: "1" },
      [CLIENT_CAPABILITIES_META_KEY]: {},
    };
    const params = { _meta, notifications: { toolsListChanged: true } };
    const listen = { jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params };
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "subscriptions/listen" };
    const response = await ask("POST", headers, JSON.stringify(listen));
    expect(await response.text()).toContain("Subscription limit reached");
  });
});

describe("a page of another origin", () => {
  it("may not call, one of the list may (MCP security best practices)", async () => {
    const from = (origin: string) =>
      fetch(`${server.address}/mcp/tools`, { headers: { ...bearer(alice), origin } });
    expect((await from("https://evil.example")).status).toBe(403);
    expect((await from("http://localhost:6274")).headers.get("access-control-allow-origin")).toBe(
      "http://localhost:6274",
    );
    expect((await from(server.issuer)).status).toBe(200);
    expect((await from("null")).status).toBe(403);
  });
});

it("the Inspector's page may ask, and read what a challenge says", async () => {
  const origin = "http://localhost:6274";
  const preflight = await fetch(`${server.address}/mcp`, {
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type,mcp-protocol-version,mcp-method,mcp-name",
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-headers")?.toLowerCase()).toContain("mcp-method");
  const refused = await fetch(`${server.address}/mcp`, { method: "POST", headers: { origin } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get("access-control-allow-origin")).toBe(origin);
  expect(refused.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
  const metadata = await fetch(`${server.address}/.well-known/oauth-protected-resource/mcp`, {
    headers: { origin },
  });
  expect(metadata.headers.get("access-control-allow-origin")).toBe("*");
});

it("scores that were added are there for all, until a reset", async () => {
  const added = await resultOf(
    await execute(server, alice, "import_score", { score_id: "scale", source: "C4:q D4:q E4:q F4:q" }),
  );
  expect(added).toMatchObject({ score_id: "scale", num_notes: 4, num_parts: 1, num_measures: 1 });
  const again = await execute(server, alice, "import_score", { score_id: "scale", source: "C4:q" });
  expect(await again.json()).toMatchObject({ success: false, error: "Score with ID 'scale' already exists" });
  expect(await resultOf(await execute(server, bob, "get_score_info", { score_id: "scale" }))).toMatchObject({
    num_notes: 4,
  });
  const ids = async () => {
    const { scores } = await resultOf(await execute(server, bob, "list_scores"));
    return (scores as { id: string }[]).map(({ id }) => id);
  };
  expect(await ids()).toEqual(expect.arrayContaining(["bach_invention_1", "scale"]));
  expect(await resultOf(await execute(server, admin, "reset_server"))).toMatchObject({ status: "success" });
  expect(await ids()).not.toContain("scale");
  expect(await ids()).toContain("bach_invention_1");
  await resultOf(await execute(server, alice, "import_score", { score_id: "scale", source: "G4:q" }));
});

it("a score is transposed, harmonized and set against a counterpoint, each a new score", async () => {
  const made = await resultOf(
    await execute(server, alice, "transpose_score", { score_id: "ode_to_joy", interval: "M2" }),
  );
  expect(made.musicxml).toContain("<score-partwise");
  expect(
    await resultOf(await execute(server, alice, "get_score_info", { score_id: made.score_id })),
  ).toMatchObject({ exists: true });
  const harmonized = await resultOf(
    await execute(server, alice, "harmonize_melody", { score_id: "ode_to_joy", new_score_id: "four" }),
  );
  expect(harmonized).toMatchObject({ harmonized_score_id: "four", style: "classical" });
  const counterpoint = await resultOf(
    await execute(server, alice, "create_counterpoint", { score_id: "fux_dorian" }),
  );
  expect(counterpoint).toMatchObject({ rule_violations: [], species: "first" });
});

it("sends what it computed once again from what it kept, until the cache is cleared", async () => {
  const harmony = () => execute(server, bob, "analyze_harmony", { score_id: "bach_invention_1" });
  const first = await resultOf(await harmony());
  expect(await resultOf(await harmony())).toEqual(first);
  const cleared = await resultOf(await execute(server, admin, "clear_cache"));
  expect(cleared.cleared).toBeGreaterThan(0);
  expect(await resultOf(await execute(server, admin, "clear_cache"))).toMatchObject({ cleared: 0 });
});

it("is not there where it is not wanted", async () => {
  const without = await startTestServer({ mcp: false });
  const response = await sendJson("POST", `${without.address}/mcp/execute/list_scores`, {}, bearer(alice));
  expect(response.status).toBe(404);
  expect((await fetch(`${without.address}/.well-known/oauth-protected-resource/mcp`)).status).toBe(404);
  await without[Symbol.asyncDispose]();
});
