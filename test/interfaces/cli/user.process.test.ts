import { afterAll, beforeAll, expect, it } from "vitest";
import { factsOf, rowsOf } from "../../support/command-output.ts";
import { Person } from "../../support/person.ts";
import { introspect, isActive, tokensOf } from "../../support/process-client.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const userCommand = (...args: readonly string[]) => server.cli(["user", ...args, "--json"]);

it("creates a user who can sign in at the running server at once", async () => {
  const created = await server.cli(
    ["user", "create", "dora", "--scopes", "read,write", "--json"],
    "correct horse battery\n",
  );
  expect(factsOf(created)).toMatchObject({ username: "dora", status: "active", scopes: ["read", "write"] });
  const { access_token } = await tokensOf(server, "dora", "correct horse battery");
  expect(await isActive(server, access_token)).toBe(true);
});

it("does not show the password of a user", async () => {
  const { stdout, stderr } = await server.cli(["user", "create", "emil"], "a password of emil\n");
  expect(stdout + stderr).not.toContain("a password of emil");
});

it.each([
  ["alice", "a good password", "The username is taken."],
  ["fritz", "short", "A password must have 8 to 256 characters."],
])("refuses to create %s with %j, in one sentence", async (username, password, sentence) => {
  const { code, stderr } = await server.cli(["user", "create", username], `${password}\n`);
  expect({ code, stderr }).toEqual({ code: 1, stderr: `${sentence}\n` });
});

it("kills the tokens and the session of a disabled user at once", async () => {
  const bob = new Person(server.issuer);
  await bob.signIn("bob");
  const { access_token } = await tokensOf(server, "bob");
  expect(await isActive(server, access_token)).toBe(true);

  expect(factsOf(await userCommand("disable", "bob"))).toMatchObject({ status: "disabled" });
  expect(await isActive(server, access_token)).toBe(false);
  expect(await (await bob.open("/auth/logout")).text()).toContain("You are signed out");
  expect((await bob.signIn("bob")).status).toBe(401);

  expect(factsOf(await userCommand("enable", "bob"))).toMatchObject({ status: "active" });
  expect((await bob.signIn("bob")).status).toBe(303);
  expect(await isActive(server, access_token)).toBe(false);
});

it("ends what was issued under the old password", async () => {
  const { access_token } = await tokensOf(server, "admin");
  factsOf(await server.cli(["user", "set-password", "admin", "--json"], "another password\n"));
  expect(await isActive(server, access_token)).toBe(false);
  const admin = new Person(server.issuer);
  expect((await admin.signIn("admin")).status).toBe(401);
  expect((await admin.signIn("admin", "another password")).status).toBe(303);
});

it("takes scopes away from tokens that live", async () => {
  const { access_token, scope } = await tokensOf(server, "alice");
  expect(scope).toBe("read write");
  expect(factsOf(await userCommand("scopes", "alice", "read"))).toMatchObject({ scopes: ["read"] });
  expect(await introspect(server, access_token)).toMatchObject({ active: true, scope: "read" });
});

it("lists users by name", async () => {
  const names = rowsOf(await userCommand("list")).map(({ username }) => username);
  expect(names).toEqual(expect.arrayContaining(["admin", "alice", "bob"]));
});

it("says that there is no such user", async () => {
  const { code, stderr } = await server.cli(["user", "disable", "nobody"]);
  expect({ code, stderr }).toEqual({ code: 1, stderr: "There is no such user.\n" });
});
