import { afterAll, beforeAll, expect, it } from "vitest";
import { factsOf, rowsOf } from "../../support/command-output.ts";
import { accessTokenOf, clientCredentials, isActive } from "../../support/process-client.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";

let server: ServerProcess;
let client: { readonly id: string; readonly secret: string };
let api: { readonly id: string; readonly secret: string };
const uri = "https://api.example/scores";

beforeAll(async () => {
  server = await startServer();
  const created = await server.cli(["client", "create", "--name", "M", "--type", "confidential", "--json"]);
  const { client_id = "", client_secret = "" } = factsOf(created);
  client = { id: client_id, secret: client_secret };
  const made = factsOf(await server.cli(["resource", "create", uri, "--scopes", "read", "--json"]));
  api = { id: made.introspection_id ?? "", secret: made.introspection_secret ?? "" };
});
afterAll(() => server[Symbol.asyncDispose]());

const tokenFor = async (resource: string): Promise<string> =>
  accessTokenOf(await clientCredentials(server, client.id, client.secret, resource));

it("creates a resource that introspects its own tokens at once, and no others", async () => {
  const own = await tokenFor(uri);
  const other = await tokenFor(`${server.issuer}/mcp`);
  expect(await isActive(server, own, api)).toBe(true);
  expect(await isActive(server, other, api)).toBe(false);
  expect(await isActive(server, own)).toBe(false);
  expect(await isActive(server, other)).toBe(true);
});

it("leaves the old secret valid for the overlap", async () => {
  const token = await tokenFor(uri);
  const rotated = await server.cli(["resource", "rotate-secret", api.id, "--overlap", "1h", "--json"]);
  const { introspection_secret = "" } = factsOf(rotated);
  expect(introspection_secret).not.toBe(api.secret);
  expect(await isActive(server, token, { id: api.id, secret: introspection_secret })).toBe(true);
  expect(await isActive(server, token, api)).toBe(true);
});

it("lists resources", async () => {
  const uris = rowsOf(await server.cli(["resource", "list", "--json"])).map((row) => row.uri);
  expect(uris.sort()).toEqual([`${server.issuer}/mcp`, uri].sort());
});

it("stops a disabled resource at once, and issues no token for it", async () => {
  const token = await tokenFor(uri);
  factsOf(await server.cli(["resource", "disable", api.id, "--json"]));
  await expect(isActive(server, token, api)).rejects.toThrow("introspection answered 401");
  const refused = await clientCredentials(server, client.id, client.secret, uri);
  expect(await refused.json()).toMatchObject({ error: "invalid_target" });
});
