import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { factsOf, rowsOf } from "../../support/command-output.ts";
import { accessTokenOf, clientCredentials, isActive } from "../../support/process-client.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const publishedKids = async (): Promise<readonly string[]> => {
  const { keys } = (await (await fetch(`${server.issuer}/auth/jwks`)).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
};

it("refuses to rotate to a key that verifiers may not know yet", async () => {
  const before = await publishedKids();
  const { code, stderr } = await server.cli(["keys", "rotate"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The next key was published too recently[^\n]*--force[^\n]*\.\n$/);
  expect(await publishedKids()).toEqual(before);
});

it("rotates by --force: the running server signs with the next key at once, and the old token lives", async () => {
  const created = await server.cli(["client", "create", "--name", "M", "--type", "confidential", "--json"]);
  const { client_id = "", client_secret = "" } = factsOf(created);
  const issue = async () => accessTokenOf(await clientCredentials(server, client_id, client_secret));
  const before = await issue();
  const listed = rowsOf(await server.cli(["keys", "list", "--json"]));
  const next = listed.find(({ status }) => status === "next")?.key_id;

  const rotated = rowsOf(await server.cli(["keys", "rotate", "--force", "--json"]));
  const after = await issue();
  expect(decodeProtectedHeader(after).kid).toBe(next);
  expect(rotated.map(({ status }) => status)).toEqual(["next", "active", "retired"]);
  expect(rotated[2]?.key_id).toBe(decodeProtectedHeader(before).kid);
  expect(await publishedKids()).toEqual(rotated.map(({ key_id }) => key_id));
  expect(await isActive(server, before)).toBe(true);
  expect(await isActive(server, after)).toBe(true);
});
