import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factsOf } from "../../support/command-output.ts";
import { accessTokenOf, clientCredentials, isActive } from "../../support/process-client.ts";
import { type ServerProcess, startServer } from "../../support/server-process.ts";

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const clientCommand = async (...args: readonly string[]) =>
  factsOf(await server.cli(["client", ...args, "--json"]));

/** A fresh confidential client that needs no person. */
async function machine() {
  const created = await clientCommand("create", "--name", "Machine", "--type", "confidential");
  return { id: created.client_id ?? "", secret: created.client_secret ?? "" };
}

const statusOf = async (id: string, secret: string) => (await clientCredentials(server, id, secret)).status;

describe("client create", () => {
  it("shows the secret of a client that can act at once", async () => {
    const { id, secret } = await machine();
    expect(await statusOf(id, secret)).toBe(200);
  });

  it("takes a chosen secret by standard input and does not show it", async () => {
    const chosen = "a secret that somebody chose, long enough";
    const created = await server.cli(
      ["client", "create", "--name", "Imported", "--type", "confidential", "--secret-stdin", "--json"],
      `${chosen}\n`,
    );
    expect(created.stdout).not.toContain(chosen);
    expect(await statusOf(factsOf(created).client_id ?? "", chosen)).toBe(200);
  });

  it.each([
    [["--type", "public"], "", "at least one redirect URI is required.\n"],
    [["--redirect-uri", "http://app.example/"], "", "an http redirect URI is allowed on loopback only.\n"],
    [
      ["--type", "confidential", "--secret-stdin"],
      "short\n",
      "A client secret must have at least 32 characters.\n",
    ],
    [
      ["--type", "confidential", "--jwks", "/nowhere/keys.json"],
      "",
      "The keys cannot be read from /nowhere/keys.json: ENOENT: no such file or directory, open '/nowhere/keys.json'\n",
    ],
  ])("refuses %j in one sentence", async (args, input, sentence) => {
    const { code, stderr } = await server.cli(["client", "create", "--name", "Bad", ...args], input);
    expect({ code, stderr }).toEqual({ code: 1, stderr: sentence });
  });
});

describe("client rotate-secret", () => {
  it("leaves the old secret valid for the overlap", async () => {
    const { id, secret } = await machine();
    const { client_secret = "" } = await clientCommand("rotate-secret", id, "--overlap", "1h");
    expect(client_secret).not.toBe(secret);
    expect(await statusOf(id, client_secret)).toBe(200);
    expect(await statusOf(id, secret)).toBe(200);
  });

  it("ends the old secret at once without an overlap, and no token with it", async () => {
    const { id, secret } = await machine();
    const token = await accessTokenOf(await clientCredentials(server, id, secret));
    const { client_secret = "" } = await clientCommand("rotate-secret", id, "--overlap", "0");
    expect(await statusOf(id, secret)).toBe(401);
    expect(await statusOf(id, client_secret)).toBe(200);
    expect(await isActive(server, token)).toBe(true);
  });

  it("ends every token too where the old secret is compromised", async () => {
    const { id, secret } = await machine();
    const token = await accessTokenOf(await clientCredentials(server, id, secret));
    const { client_secret = "" } = await clientCommand("rotate-secret", id, "--compromised");
    expect(await isActive(server, token)).toBe(false);
    expect(await statusOf(id, secret)).toBe(401);
    expect(await statusOf(id, client_secret)).toBe(200);
  });
});

describe("client disable", () => {
  it("ends the client's tokens at once; enable brings back the client but no token", async () => {
    const { id, secret } = await machine();
    const token = await accessTokenOf(await clientCredentials(server, id, secret));
    expect(await clientCommand("disable", id)).toMatchObject({ status: "disabled" });
    expect(await isActive(server, token)).toBe(false);
    expect(await statusOf(id, secret)).toBe(401);
    expect(await clientCommand("enable", id)).toMatchObject({ status: "active" });
    expect(await statusOf(id, secret)).toBe(200);
    expect(await isActive(server, token)).toBe(false);
  });
});
