import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from "zod-openapi";
import { operationsOf } from "../../../../interfaces/http/openapi/document.ts";
import { adminToken } from "../../../support/administrator.ts";
import { demoClient, tokensOf } from "../../../support/code-flow.ts";
import { basic, bearer } from "../../../support/requests.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { newUser, signedIn, userIdOf } from "../../../support/signed-in.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";

interface Known {
  readonly method: string;
  readonly path: string;
  readonly operation: ZodOpenApiOperationObject;
}

const folder = temporaryFolder();
let server: TestServer;
let admin: Readonly<Record<string, string>>;
const known = new Map<string, Known>();
/** Operations that were answered well. */
const answered = new Set<string>();

beforeAll(async () => {
  // Only a log on a disk is proven.
  server = await startTestServer({ ephemeral: false, dataDir: folder.path });
  admin = bearer(await adminToken(server));
  const operations = operationsOf({ context: server.runtime.context, hasMcp: true, hasApiDocs: true });
  for (const [path, byMethod] of Object.entries(operations))
    for (const [method, operation] of Object.entries(byMethod) as [string, ZodOpenApiOperationObject][])
      known.set(operation.operationId ?? "", { method: method.toUpperCase(), path, operation });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

/** What is sent. */
interface Sent {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
}

/** Checks that an answer is one of those that are described; answers its JSON. */
async function check(id: string, answer: Response): Promise<unknown> {
  const responses = known.get(id)?.operation.responses as Readonly<Record<string, ZodOpenApiResponseObject>>;
  const response = responses[answer.status];
  expect(response, `${id} is answered ${answer.status}`).toBeDefined();
  const content = response?.content ?? {};
  const text = await answer.text();
  if (text === "") {
    expect(Object.keys(content), `${id} ${answer.status} has no body`).toEqual([]);
    return undefined;
  }
  const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
  expect(Object.keys(content), `${id} ${answer.status}`).toContain(type);
  if (!/^application\/(?:problem\+)?json$/.test(type)) return text;
  const json: unknown = JSON.parse(text);
  if (id === "openapi") return json;
  const { schema } = content[type] as { schema: z.ZodType };
  const parsed = schema.safeParse(json);
  expect(parsed.error, `${id} ${answer.status} ${text}`).toBeUndefined();
  return json;
}

async function ask(id: string, { path = {}, query = "", headers = {}, json, form }: Sent = {}) {
  const { method = "GET", path: template = "" } = known.get(id) ?? {};
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(path[name] ?? "x"),
  );
  const answer = await fetch(`${server.address}${filled}${query}`, {
    method,
    redirect: "manual",
    headers: { ...headers, ...(json === undefined ? {} : { "content-type": "application/json" }) },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(form ? { body: new URLSearchParams(form) } : {}),
  });
  const told = await check(id, answer);
  if (answer.status < 400) answered.add(id);
  return told;
}

/** By an administrator; whatever is wrong with the request shows here. */
async function administer<T = unknown>(id: string, sent: Sent = {}): Promise<T> {
  const told = await ask(id, { ...sent, headers: { ...admin, ...sent.headers } });
  expect(answered, JSON.stringify(told)).toContain(id);
  return told as T;
}

const byTag = (...tags: readonly string[]): readonly string[] =>
  [...known].flatMap(([id, { operation }]) => (tags.includes(operation.tags?.[0] ?? "") ? [id] : []));

const administrative = ["Users", "Sessions", "Clients", "Grants", "Resources", "Keys", "Audit"];

describe("every answer is one of those that /openapi.json describes", () => {
  it("of users and their sessions", async () => {
    const username = await newUser(server);
    const path = { userId: await userIdOf(server, username) };
    await tokensOf(server, await signedIn(server, username), demoClient(server));
    await signedIn(server, username);
    await administer("createUser", { json: { username: "described", password: "correct horse" } });
    await administer("listUsers", { query: "?limit=1" });
    await administer("findUser", { json: { username } });
    await administer("getUser", { path });
    await administer("listApps", { path });
    await administer("disconnectApp", { path: { ...path, clientId: demoClient(server).id } });
    const { sessions } = await administer<{
      sessions: { session_id: string }[];
    }>("listSessions", { path });
    const session = { ...path, sessionId: sessions[0]?.session_id ?? "" };
    await administer("getSession", { path: session });
    await administer("endSession", { path: session });
    await administer("endSessions", { path });
    await administer("setUserScope", { path, json: { scope: "read" } });
    await administer("setPassword", { path, json: { password: "another password" } });
    await administer("setUserStatus", { path, json: { status: "disabled" } });
    await administer("eraseUser", { path });
    await administer("getUser", { path });
  });

  it("of clients and grants", async () => {
    const { client_id } = await administer<{ client_id: string }>("createClient", {
      json: { client_name: "Described" },
    });
    const path = { clientId: client_id };
    await administer("listClients", { query: "?limit=1" });
    await administer("getClient", { path });
    await administer("replaceClient", { path, json: { client_name: "Described anew" } });
    await administer("rotateClientSecret", { path });
    await administer("setClientStatus", { path, json: { status: "disabled" } });
    await administer("deleteClient", { path });
    const { grants } = await administer<{ grants: { grant_id: string }[] }>("listGrants");
    const grant = { grantId: grants.at(0)?.grant_id ?? "" };
    await administer("getGrant", { path: grant });
    const alice = await signedIn(server, "alice");
    await tokensOf(server, alice, demoClient(server));
    const own = await administer<{ grants: { grant_id: string }[] }>("listGrants", {
      query: `?user_id=${await userIdOf(server, "alice")}`,
    });
    await administer("revokeGrant", { path: { grantId: own.grants[0]?.grant_id ?? "" } });
    await administer("listGrants");
  });

  it("of resources and keys", async () => {
    const { resource_id } = await administer<{ resource_id: string }>("createResource", {
      json: { uri: "https://described.example" },
    });
    const path = { resourceId: resource_id };
    await administer("listResources");
    await administer("getResource", { path });
    await administer("rotateResourceSecret", { path });
    await administer("setResourceStatus", { path, json: { status: "disabled" } });
    await administer("listKeys");
    await administer("rotateKeys", { json: { force: true } });
  });

  it("of the audit", async () => {
    const client = demoClient(server);
    const { access_token } = await tokensOf(server, await signedIn(server, "bob"), client, { scope: "read" });
    await administer("auditTimeline", { json: { client: client.id } });
    await administer("auditExplain", { json: { token: access_token } });
    await administer("auditAccess", { json: { user: await userIdOf(server, "bob") } });
    const from = new Date(Date.now() - 60_000).toISOString();
    await administer("auditAccess", { json: { client: client.id, from } });
    await administer("auditAnomalies", { json: {} });
    await administer("auditStats", { json: {} });
    for (const format of ["ndjson", "ocsf", "csv"]) await administer("auditExport", { json: { format } });
    await administer("auditSignCheckpoint");
    await administer("auditNewestCheckpoint");
    await administer("auditVerify");
    const [event] = await server.runtime.store.read(`consent-${await userIdOf(server, "bob")}-${client.id}`, {
      direction: "forwards",
      limit: 1,
    });
    await administer("auditProve", { json: { event: event?.id } });
  });

  it("of OAuth and registration", async () => {
    const { client, secret } = await server.client({});
    const headers = basic(client.clientId, secret ?? "");
    const { access_token } = (await ask("token", {
      headers,
      form: { grant_type: "client_credentials" },
    })) as { access_token: string };
    const { id, secret: own } = server.introspection;
    await ask("introspect", { headers: basic(id, own), form: { token: access_token } });
    await ask("introspect", { headers: basic(id, own), form: { token: "unknown" } });
    await ask("revoke", { headers, form: { token: access_token } });
    await ask("registerByAdministrator", {
      headers: admin,
      form: { client_name: "By form", redirect_uris: "https://app.example/cb" },
    });
    const asked = { client_name: "By itself", redirect_uris: ["https://app.example/cb"] };
    const registered = (await ask("register", { json: asked })) as {
      client_id: string;
      registration_access_token: string;
    };
    const self = {
      path: { clientId: registered.client_id },
      headers: bearer(registered.registration_access_token),
    };
    await ask("readRegistration", self);
    await ask("updateRegistration", { ...self, json: { ...asked, client_id: registered.client_id } });
    await ask("deleteRegistration", self);
    for (const operation of ["token", "introspect", "revoke", "register", "registerByAdministrator"])
      await ask(operation, { form: {} });
  });

  it("of the music tools", async () => {
    const { access_token } = await tokensOf(server, await signedIn(server, "alice"), demoClient(server));
    const headers = bearer(access_token);
    await ask("listTools", { headers });
    await ask("executeTool", { headers, path: { tool: "list_scores" }, json: {} });
    await ask("executeTool", { headers, path: { tool: "list_scores" }, json: { wrong: 1 } });
    const { session_id } = (await ask("createMcpSession", { headers })) as { session_id: string };
    const path = { id: session_id, tool: "list_scores" };
    await ask("executeToolInSession", { headers, path, json: {} });
    await ask("closeMcpSession", { headers, path });
    await ask("mcpMessage", {
      headers: { ...headers, accept: "application/json, text/event-stream" },
      json: { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} },
    });
    for (const id of byTag("MCP")) await ask(id);
  });

  it("of discovery, health and pages", async () => {
    for (const id of byTag("Discovery", "Health")) await ask(id);
    for (const id of byTag("Pages")) await ask(id, { path: { file: "start.js" } });
    await ask("docsFile");
  });

  it("to administrators who are none (RFC 6750 §3.1), or ask for what is not there", async () => {
    for (const id of byTag(...administrative)) {
      await ask(id);
      await ask(id, { headers: admin, query: "?limit=none" });
    }
  });

  it("and each operation was answered well once", () => {
    // Only a person who is signed in gets on with a form; and we send nothing of our own accord.
    const forms = byTag("Pages").filter((id) => known.get(id)?.method === "POST" || id === "authorize");
    const left = [...known.keys()].filter((id) => !answered.has(id) && !forms.includes(id));
    expect(left).toEqual(["mcpListen", "mcpEnd"]);
  });
});
