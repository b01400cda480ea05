import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keyContextOf } from "../../../application/personal-fields.ts";
import { parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../../../infrastructure/crypto/secrets.ts";
import { factsOf, rowsOf } from "../../support/command-output.ts";
import { Person } from "../../support/person.ts";
import { isActive, tokensOf } from "../../support/process-client.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";

const username = "ada lovelace";
const password = "correct horse battery";

let userId: string;
let dataDir: string;
let backup: string;
let server: ServerProcess;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "dacapo-erase-"));
  backup = join(dataDir, "..", `${dataDir.split("/").at(-1)}-backup`);
  server = await startServer({ dataDir });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  for (const folder of [dataDir, backup]) await rm(folder, { recursive: true, force: true });
});

const create = async (name: string): Promise<string> => {
  const args = ["user", "create", name, "--scopes", "read,write", "--json"];
  return factsOf(await server.cli(args, `${password}\n`)).user_id as string;
};

/** All that a thief of the files has: every byte, and the master key. */
async function bytesOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  const contents = files.map((entry) => readFile(join(entry.parentPath, entry.name), "latin1"));
  return (await Promise.all(contents)).join("\n");
}

/** Whether something in these bytes is this person's data key, for somebody who has the master key. */
async function holdsKeyOf(userId: string, bytes: string): Promise<boolean> {
  const secrets = createSecrets(parseKeyRing(await readFile(join(dataDir, "master.key"), "utf8")));
  const sealed = bytes.match(/[1-9][0-9]*\.[A-Za-z0-9_-]{60,}/g) ?? [];
  return sealed.some((one) => secrets.open("subject_key", one, keyContextOf(userId)) !== undefined);
}

it("erases a person of a running server: all is dead at once, and no byte that is left can be read", async () => {
  userId = await create(username);
  const keptId = (await server.cli(["user", "list", "--json"]).then(rowsOf)).find(
    (row) => row.username === "alice",
  )?.user_id as string;
  const { access_token } = await tokensOf(server, username, password);
  await cp(dataDir, backup, { recursive: true });
  const before = await bytesOf(dataDir);
  expect(await holdsKeyOf(userId, before)).toBe(true);

  const refused = await server.cli(["user", "erase", username]);
  expect([refused.code, refused.stderr]).toEqual([1, "An erasure cannot be undone. Say --yes to go on.\n"]);
  const erased = await server.cli(["user", "erase", username, "--yes", "--json"]);
  expect(factsOf(erased)).toEqual({ user_id: userId, erasure: "complete" });

  expect(await isActive(server, access_token)).toBe(false);
  expect((await new Person(server.issuer).signIn(username, password)).status).toBe(401);
  const after = await bytesOf(dataDir);
  expect(await holdsKeyOf(userId, after)).toBe(false);
  expect(await holdsKeyOf(keptId, after)).toBe(true);
});

it("gives the name to nobody else, and says again that it is done", async () => {
  const taken = await server.cli(["user", "create", username, "--scopes", "read"], `${password}\n`);
  expect([taken.code, taken.stderr]).toEqual([1, "The username is taken.\n"]);
  const again = await server.cli(["user", "erase", userId, "--yes", "--json"]);
  expect(factsOf(again)).toEqual({ user_id: userId, erasure: "complete" });
});

it("erases again what an older log brings back, before it serves, and makes no demo user again", async () => {
  factsOf(await server.cli(["user", "erase", "bob", "--yes", "--json"]));
  await server.stop();
  for (const name of await readdir(dataDir))
    if (/^(log|read-models)\.db/.test(name)) await rm(join(dataDir, name));
  await cp(join(backup, "log.db"), join(dataDir, "log.db"));
  for (const suffix of ["-wal", "-shm"])
    await cp(join(backup, `log.db${suffix}`), join(dataDir, `log.db${suffix}`)).catch(() => undefined);
  server = await startServer({ dataDir, port: Number(new URL(server.issuer).port) });
  expect((await new Person(server.issuer).signIn(username, password)).status).toBe(401);
  expect(server.output()).toContain("  alice ");
  expect(server.output()).not.toContain("  bob ");
  const rows = rowsOf(await server.cli(["user", "list", "--json"]));
  expect(rows.find(({ user_id }) => user_id === userId)).toMatchObject({
    username: "(erased)",
    status: "erased",
  });
  expect(rows.map((row) => row.username)).toContain("alice");
});
