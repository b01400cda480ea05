import { pick, type Random } from "../faults/random.ts";
import { bearer } from "../support/requests.ts";
import { anyToken, type Build, get } from "./endpoints.ts";
import type { FuzzRequest } from "./request.ts";
import type { World } from "./world.ts";

/** A request with JSON. */
export const sendJson = (
  method: string,
  path: string,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): FuzzRequest => ({ ...get(path, headers), method, body: { kind: "json", value } });

const metadata = (random: Random): Record<string, unknown> => ({
  client_name: "Fuzzed",
  redirect_uris: ["https://app.example/cb"],
  token_endpoint_auth_method: pick(random, ["none", "client_secret_basic", "client_secret_post"]),
  grant_types: ["authorization_code", "refresh_token"],
  scope: pick(random, ["read", "read write", "read admin"]),
});

const register: Build = (_world, random) => sendJson("POST", "/auth/register", metadata(random));

const manage: Build = (world, random) => {
  const client = world.registered.size > 0 ? world.registered.any(random) : world.anyClient(random);
  const { id, registrationToken = "x" } = client;
  const path = `/auth/register/${encodeURIComponent(id)}`;
  const headers = bearer(registrationToken);
  const method = pick(random, ["GET", "GET", "PUT", "PUT", "PUT", "DELETE"]);
  if (method === "PUT") return sendJson(method, path, { ...metadata(random), client_id: id }, headers);
  return { ...get(path, headers), method };
};

const administer: Build = (world, random) => {
  const headers = bearer(world.adminTokens.any(random));
  const { username, person } = world.people.any(random);
  const [userId = "", sessionId = ""] = person.cookies.get("dacapo_session")?.split(".") ?? [];
  const user = `/admin/users/${userId}`;
  const clientId = encodeURIComponent(world.anyClient(random).id);
  const password = "a password of alice";
  return pick<() => FuzzRequest>(random, [
    () => get("/admin/users", headers),
    () => sendJson("POST", "/admin/users/find", { username }, headers),
    () => get(`${user}/sessions`, headers),
    () => get(`${user}/apps`, headers),
    () => ({ ...get(`${user}/sessions/${sessionId}`, headers), method: "DELETE" }),
    () => ({ ...get(`${user}/sessions`, headers), method: "DELETE" }),
    () => ({ ...get(`${user}/apps/${clientId}`, headers), method: "DELETE" }),
    () => sendJson("PUT", `/admin/users/${world.bystander}/password`, { password }, headers),
  ])();
};

const audit: Build = (world, random) => {
  const headers = bearer(random() < 0.9 ? world.adminTokens.any(random) : anyToken(world, random));
  const ask = (what: string, value: unknown) => sendJson("POST", `/admin/audit/${what}`, value, headers);
  const token = anyToken(world, random);
  const at = pick(random, [new Date().toISOString(), "2026-03-01T14:03Z", "2026-03-01", "14:03"]);
  const client = world.anyClient(random).id;
  return pick<() => FuzzRequest>(random, [
    () =>
      ask("timeline", pick<unknown>(random, [{ token }, { client }, { address: "127.0.0.1" }, { key: "x" }])),
    () => ask("timeline", { user: world.bystander, since: at, limit: 5, related: random() < 0.5 }),
    () => ask("explain", pick<unknown>(random, [{ token }, { token, at }])),
    () =>
      ask(
        "access",
        pick<unknown>(random, [
          { client, at },
          { user: world.bystander, from: at },
        ]),
      ),
    () => ask("anomalies", { limit: 3, since: at }),
    () => ask("stats", { by: pick(random, ["day", "client", "block"]) }),
    () => ask("export", { format: pick(random, ["ndjson", "csv", "ocsf"]), limit: 5, since: at }),
    () => ask("prove", { event: pick(random, ["1", "99999999999999999999", "signing-keys@0", "x"]) }),
    () => ask("verify", {}),
    () => ask("checkpoint", {}),
    () => get("/admin/audit/checkpoint", headers),
  ])();
};

function accessToken(world: World, random: Random): Readonly<Record<string, string>> {
  const good = random() < 0.3 || world.accessTokens.size === 0;
  return bearer(good ? world.adminTokens.any(random) : world.accessTokens.any(random).token);
}

/** Not those of minutes of work, nor those that undo what others rest on. */
const calls: readonly (readonly [tool: string, args: Readonly<Record<string, unknown>>])[] = [
  ["list_scores", {}],
  ["get_score_info", { score_id: "ode_to_joy" }],
  ["analyze_key", { score_id: "ode_to_joy", algorithm: "krumhansl" }],
  ["transpose_score", { score_id: "twinkle", interval: "M2" }],
  ["import_score", { score_id: "fuzzed", source: "X:1\nK:C\nCDEF|", source_type: "text" }],
  ["clear_cache", {}],
  ["no_such_tool", { score_id: "x" }],
];

const listTools: Build = (world, random) => get("/mcp/tools", accessToken(world, random));

const executeTool: Build = (world, random) => {
  const [tool, args] = pick(random, calls);
  const body = random() < 0.5 ? args : { arguments: args };
  return sendJson("POST", `/mcp/execute/${tool}`, body, accessToken(world, random));
};

const openSession: Build = (world, random) =>
  sendJson("POST", "/mcp/session/create", {}, accessToken(world, random));

const useSession: Build = (world, random) => {
  const held = world.mcpSessions.size > 0 ? world.mcpSessions.any(random) : { id: "x", token: "x" };
  const headers = pick<Readonly<Record<string, string>>>(random, [
    bearer(held.token),
    {},
    bearer(anyToken(world, random)),
  ]);
  const [tool, args] = pick(random, calls);
  if (random() < 0.3) return { ...get(`/mcp/session/${held.id}`, headers), method: "DELETE" };
  return sendJson("POST", `/mcp/session/${held.id}/execute/${tool}`, { arguments: args }, headers);
};

const streamable = { accept: "application/json, text/event-stream" };

const messages = (random: Random): unknown => {
  const [name, args] = pick(random, calls);
  const clientInfo = { name: "fuzz", version: "1" };
  const initialize = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  return pick<unknown>(random, [
    { jsonrpc: "2.0", id: 1, method: "initialize", params: initialize },
    { jsonrpc: "2.0", id: 2, method: "tools/list", params: {} },
    { jsonrpc: "2.0", id: 3, method: "tools/call", params: { name, arguments: args } },
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { jsonrpc: "2.0", id: 4, method: "ping" },
  ]);
};

const callMcp: Build = (world, random) => {
  const version = pick(random, ["2025-11-25", "2025-06-18", "2026-07-28"]);
  const headers = { ...accessToken(world, random), ...streamable, "mcp-protocol-version": version };
  return sendJson("POST", "/mcp", messages(random), headers);
};

/** Registration, administration and the MCP server, each as often as it stands here. */
export const moreEndpoints: readonly (readonly [name: string, weight: number, build: Build])[] = [
  ["register", 3, register],
  ["manage registration", 4, manage],
  ["administer users", 2, administer],
  ["audit", 3, audit],
  ["list tools", 2, listTools],
  ["execute tool", 4, executeTool],
  ["open session", 2, openSession],
  ["use session", 4, useSession],
  ["mcp", 5, callMcp],
];
