import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dacapoEntry } from "../../interfaces/cli/import/dacapo.ts";
import { commandsOf, pageText } from "../support/documentation.ts";
import { basic, postForm } from "../support/requests.ts";
import { runCli, startServer } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/import/${name}`, import.meta.url));

/** The commands of the page that are said to run, in order; without their comments. */
const commands = commandsOf("docs/migrating.md")
  .filter(({ notRun }) => notRun === undefined)
  .flatMap(({ shell }) => shell.split("\n"))
  .map((line) => line.replace(/\s+#.*$/, "").trim())
  .filter((line) => line !== "");

const [, ourForm = ""] = /```json\n([\s\S]*?)```/.exec(pageText("docs/migrating.md")) ?? [];

const folder = temporaryFolder();
const files: Readonly<Record<string, string>> = {
  "realm-export.json": "keycloak-realm.json",
  "hydra-clients.json": "hydra-clients.json",
  "clients.json": "oidc-provider-clients.json",
};

beforeAll(async () => {
  for (const [name, source] of Object.entries(files))
    await copyFile(fixture(source), join(folder.path, name));
  await writeFile(join(folder.path, "people.ndjson"), ourForm);
  const { stdout } = await runCli(["keys", "generate-master"]);
  await writeFile(join(folder.path, "master.key"), stdout, { mode: 0o600 });
});
afterAll(() => folder[Symbol.dispose]());

describe("docs/migrating.md", () => {
  it("has commands that all are of dacapo, but for those that are said not to run", () => {
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter((command) => !command.startsWith("dacapo "))).toEqual([]);
  });

  it.each(commands)("%s", async (command) => {
    const args = command
      .split(" ")
      .slice(1)
      .map((word) => (/\.(?:json|ndjson)$/.test(word) ? join(folder.path, word) : word));
    const env = {
      DACAPO_DATA_DIR: join(folder.path, "data"),
      DACAPO_MASTER_KEY_FILE: join(folder.path, "master.key"),
    };
    const { code, stdout, stderr } = await runCli(args, { env });
    // The realms and clients of the fixtures hold some that are refused.
    expect(code, stderr).toBe(/"refused":[1-9]|[1-9]\d* refused/.test(stdout) ? 1 : 0);
    expect(stderr).not.toMatch(/error|wrong|cannot/i);
  });

  it("leaves a program that gets its token by its old secret, naming no resource", async () => {
    await using server = await startServer({
      flags: ["--master-key-file", join(folder.path, "master.key")],
      dataDir: join(folder.path, "data"),
    });
    const answer = await postForm(
      `${server.issuer}/auth/token`,
      { grant_type: "client_credentials" },
      basic("metronome", "m3tr0nomeSecret00000000000000000"),
    );
    expect(answer.status).toBe(200);
    const { access_token } = (await answer.json()) as { readonly access_token: string };
    expect(decodeJwt(access_token).aud).toContain("https://api.example.com");
  });

  it("shows lines of our own form that are all taken", () => {
    const lines = ourForm.split("\n").filter((line) => line !== "");
    expect(lines.length).toBe(6);
    for (const line of lines) expect(dacapoEntry(line, "line")).not.toHaveProperty("outcome");
  });
});
