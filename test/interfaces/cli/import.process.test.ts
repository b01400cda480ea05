import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Person, pkcePair } from "../../support/person.ts";
import { clientCredentials } from "../../support/process-client.ts";
import { readLog } from "../../support/read-log.ts";
import { basic, postForm } from "../../support/requests.ts";
import { runCli, type ServerProcess, startServer } from "../../support/server-process.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../fixtures/import/${name}`, import.meta.url));
const realm = fixture("keycloak-realm.json");
const roles = ["--role", "conductor=read,write"];

const folder = temporaryFolder();
const dataDir = join(folder.path, "data");
const env = { DACAPO_DATA_DIR: dataDir, DACAPO_MASTER_KEY_FILE: join(folder.path, "master.key") };

type Row = Readonly<Record<string, unknown>>;

async function importing(args: readonly string[], input = "") {
  const { code, stdout, stderr } = await runCli(["import", "--json", ...args], { env, input });
  const rows: Row[] = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  return { code, stdout, stderr, rows, summary: rows.at(-1) };
}

const rowOf = (rows: readonly Row[], name: string) =>
  rows.find((row) => row.client_id === name || row.username === name);

let server: ServerProcess;
beforeAll(async () => {
  const { stdout } = await runCli(["keys", "generate-master"]);
  await writeFile(env.DACAPO_MASTER_KEY_FILE, stdout, { mode: 0o600 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe("before the server runs", () => {
  it("tells what an import would do, and makes nothing", async () => {
    const { code, summary, stderr } = await importing(["--from", "keycloak", "--dry-run", ...roles, realm]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(summary).toEqual({
      kind: "summary",
      dry_run: true,
      imported: 13,
      already_there: 0,
      skipped: 3,
      refused: 6,
    });
    await expect(readFile(join(dataDir, "log.db"))).rejects.toThrow("ENOENT");
  });

  it("imports a realm, and nothing when it is done again", async () => {
    const first = await importing(["--from", "keycloak", ...roles, realm]);
    expect(first.summary).toMatchObject({ imported: 13, already_there: 0, refused: 6 });
    expect(rowOf(first.rows, "clara")).toMatchObject({
      outcome: "imported",
      user_id: "u_AAAAAAAAQACAAAAAAAAAAQ",
    });
    expect(rowOf(first.rows, "old-site")).toMatchObject({ outcome: "refused", field: "redirectUris" });
    expect(rowOf(first.rows, "hector")).toMatchObject({
      outcome: "imported",
      notices: [expect.stringContaining("costs too much")],
    });
    const again = await importing(["--from", "keycloak", ...roles, realm]);
    expect(again.code).toBe(1);
    expect(again.summary).toMatchObject({ imported: 0, already_there: 13, skipped: 3, refused: 6 });
  });

  it("makes a secret only where it is told to, and shows it", async () => {
    const { rows, summary } = await importing(["--from", "keycloak", "--new-secrets", realm]);
    expect(summary).toMatchObject({ imported: 1, already_there: 13, refused: 5 });
    expect(rowOf(rows, "hidden")).toMatchObject({ client_secret: expect.stringMatching(/^[\w-]{43}$/) });
    expect(rows.filter(({ client_secret }) => client_secret !== undefined)).toHaveLength(1);
  });

  it("reads standard input, and gives scopes to whom no scope is left", async () => {
    const text = await readFile(fixture("oidc-provider-clients.json"), "utf8");
    const { rows } = await importing(["--from", "oidc-provider", "--scopes", "read", "-"], text);
    expect(rowOf(rows, "profile-only")).toMatchObject({ outcome: "imported" });
    expect(rowOf(rows, "signs-with-secret")).toMatchObject({
      outcome: "refused",
      field: "token_endpoint_auth_method",
    });
  });

  it("exits 0 where nothing was refused", async () => {
    const lines = (await readFile(fixture("dacapo.ndjson"), "utf8")).split("\n").slice(0, 3).join("\n");
    const { code, summary } = await importing(["--from", "dacapo", "-"], lines);
    expect({ code, summary }).toMatchObject({ code: 0, summary: { imported: 3, refused: 0 } });
  });

  it.each([
    [["--from", "keycloak", "/nowhere/realm.json"], "The file cannot be read (ENOENT).\n"],
    [
      ["--from", "keycloak", "--role", "conductor=play", realm],
      "There is no scope play; there are read, write, admin.\n",
    ],
    [["--from", "keycloak", fixture("dacapo.ndjson")], "The file is no JSON (line 2 column 1).\n"],
  ])("refuses %j in one sentence", async (args, sentence) => {
    const { code, stderr } = await importing(args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: sentence });
  });
});

describe("at the server", () => {
  beforeAll(async () => {
    const hydra = await importing(["--from", "hydra", fixture("hydra-clients.json")]);
    expect(hydra.summary).toMatchObject({ imported: 3, refused: 1 });
    server = await startServer({ dataDir, env });
  });

  const redirectUri = "http://localhost:3000/callback";

  /** A person of Keycloak gives a client of Keycloak a code, and that gets tokens for it. */
  async function tokensOf(username: string, password: string): Promise<Response> {
    const { verifier, challenge } = pkcePair();
    const person = new Person(server.issuer);
    expect((await person.signIn(username, password)).status).toBe(303);
    const returned = await person.authorize({
      response_type: "code",
      client_id: "ticket-office",
      redirect_uri: redirectUri,
      code_challenge: challenge,
      code_challenge_method: "S256",
    });
    return await postForm(
      `${server.issuer}/auth/token`,
      {
        grant_type: "authorization_code",
        code: returned.get("code"),
        redirect_uri: redirectUri,
        code_verifier: verifier,
      },
      basic("ticket-office", "k3yC10akT1cketOffice0000000000000"),
    );
  }

  it.each([
    ["clara", "clara plays the viola", "read write"],
    ["fanny", "fanny plays the organ", "read"],
    ["nadia", "nadia teaches", "read write"],
    ["igor", "igor writes ballets", "read"],
  ])(
    "%s signs in with the old password, twice, and the old client gets tokens",
    async (username, password, scope) => {
      for (const _ of ["by the old hash", "by its successor"]) {
        const response = await tokensOf(username, password);
        expect({ status: response.status, body: await response.json() }).toMatchObject({
          status: 200,
          body: { scope },
        });
      }
      expect((await new Person(server.issuer).signIn(username, `${password}?`)).status).toBe(401);
    },
  );

  it.each([
    ["robert", "robert is away"],
    ["felix", "felix was told this one"],
    ["johannes", ""],
    ["hector", "hector costs too much"],
    ["camille", "camille hashed oddly"],
  ])("%s does not sign in", async (username, password) =>
    expect((await new Person(server.issuer).signIn(username, password)).status).toBe(401),
  );

  it("lets an operator give a password to whom none was taken over", async () => {
    const set = await runCli(["user", "set-password", "johannes", "--json"], {
      env,
      input: "a new password\n",
    });
    expect(set.code).toBe(0);
    expect((await new Person(server.issuer).signIn("johannes", "a new password")).status).toBe(303);
  });

  it.each([
    ["a secret of Keycloak in clear", "metronome", "m3tr0nomeSecret00000000000000000"],
    ["a hash of bcrypt from Hydra", "7f1f4f2c-3c0d-4c55-9a53-0c5b1d5a9e02", "the secret of the robot"],
  ])("%s opens as before, again and again, and no other does", async (_, id, secret) => {
    for (let time = 0; time < 2; time += 1)
      expect((await clientCredentials(server, id, secret)).status).toBe(200);
    expect((await clientCredentials(server, id, `${secret}?`)).status).toBe(401);
  });

  it("does not let a disabled client in", async () =>
    expect((await clientCredentials(server, "retired", "r3tiredSecret0000000000000000000")).status).toBe(
      401,
    ));

  it("replaced each foreign hash that was right, once, and ended nothing by it", async () => {
    const events = await readLog(dataDir);
    const renewed = events.filter(({ type }) => type.endsWith("_hash_renewed"));
    // clara, fanny and nadia; the robot.
    expect(renewed.map(({ type }) => type).sort()).toEqual([
      "client.secret_hash_renewed",
      ...Array(3).fill("user.password_hash_renewed"),
    ]);
    const text = JSON.stringify(renewed.map(({ data }) => data));
    expect(text).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
    expect(text).not.toMatch(/pbkdf2|\$2b\$|m=7168/);
  });

  it("left no secret in the log, in an answer or in what the server printed", async () => {
    const { stdout, stderr } = await importing(["--from", "keycloak", realm]);
    const printed =
      stdout + stderr + server.output() + JSON.stringify((await readLog(dataDir)).map(({ data }) => data));
    for (const secret of ["clara plays the viola", "k3yC10ak", "m3tr0nome", "igor writes", "of the robot"])
      expect(printed).not.toContain(secret);
  });
});
