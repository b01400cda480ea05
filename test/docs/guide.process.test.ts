import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MusicMcpClient } from "../../docs/examples/mcp-client.ts";
import { checkConfig, loadConfig } from "../../infrastructure/config/load.ts";
import { factsOf } from "../support/command-output.ts";
import { Person, pkcePair } from "../support/person.ts";
import { tokensOf } from "../support/process-client.ts";
import { programSettings } from "../support/program-settings.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

const guide = readFileSync(new URL("../../docs/guide.md", import.meta.url), "utf8");
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The code blocks of a language, without the indentation of a list. */
const blocks = (language: string): readonly string[] =>
  [...guide.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, "gm"))].map(
    ([, indent = "", block = ""]) => block.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
  );

/** The one block that holds this text. */
function blockWith(language: string, text: string): string {
  const found = blocks(language).filter((block) => block.includes(text));
  if (found.length !== 1) throw new Error(`${found.length} blocks of the guide hold ${text}`);
  return found[0] ?? "";
}

async function run(program: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${code}: ${output}`);
  return output;
}

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer({ env: { DACAPO_MCP: "yes" } });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Runs a block of shell as it stands, but for the port. */
const shell = (block: string, env: Record<string, string> = {}): Promise<string> =>
  run("bash", ["--norc", "-euc", block.replaceAll("http://localhost:8000", server.issuer)], env);

describe("the guide", () => {
  it("makes a PKCE pair", async () => {
    const block = `${blockWith("typescript", "codeChallenge")}\nconsole.log(codeVerifier, codeChallenge);`;
    const output = await run(process.execPath, ["--input-type=module", "-e", block]);
    expect(output).toMatch(/^[\w-]{43} [\w-]{43}\n$/);
  });

  it("asks for authorization and redeems the code", async () => {
    const { verifier, challenge } = pkcePair();
    const [asked = ""] = /http:\/\/localhost:8000\/auth\/authorize\?[^`]+/.exec(guide) ?? [];
    const filled = asked
      .replace("CLIENT_ID", server.clientId)
      .replace("STATE", "a-state")
      .replace("CODE_CHALLENGE", challenge);
    const alice = new Person(server.issuer);
    await alice.signIn("alice");
    const returned = await alice.authorize(Object.fromEntries(new URL(filled).searchParams));
    expect(returned.get("state")).toBe("a-state");
    const output = await shell(blockWith("bash", "grant_type=authorization_code"), {
      CODE: returned.get("code") ?? "",
      CODE_VERIFIER: verifier,
      CLIENT_ID: server.clientId,
    });
    expect(JSON.parse(output)).toMatchObject({ token_type: "Bearer", scope: "read write" });
  });

  it("gets a server its own token", async () => {
    const made = factsOf(
      await server.cli(["client", "create", "--name", "Machine", "--type", "confidential", "--json"]),
    );
    const output = await shell(blockWith("bash", "grant_type=client_credentials"), {
      MACHINE_ID: made.client_id ?? "",
      MACHINE_SECRET: made.client_secret ?? "",
    });
    expect(JSON.parse(output)).toMatchObject({ scope: "read write" });
  });

  it("uses the tools, alone and in a session", async () => {
    const { access_token: TOKEN } = await tokensOf(server, "alice");
    const alone = await shell(blockWith("bash", "/mcp/execute/list_scores"), { TOKEN });
    expect(alone).toContain('"tools":[{"name":"list_scores"');
    expect(alone).toContain('"success":true,"result":{"status":"success","total_count"');
    expect(alone).toContain('"key":"C major"');
    const inSession = await shell(blockWith("bash", "/mcp/session/create"), { TOKEN });
    expect(inSession).toContain('"success":true');
    expect(inSession).toContain('{"status":"closed"}');
  });

  it("registers a client", async () => {
    const { access_token } = await tokensOf(server, "admin", "password", "read admin");
    const output = await shell(blockWith("bash", "/auth/register/client"), { ADMIN_TOKEN: access_token });
    expect(JSON.parse(output)).toMatchObject({ client_name: "My Music App", client_secret: null });
  });

  it("has an example in TypeScript that signs in, calls tools, and refreshes where it must", async () => {
    const redirectUri = "http://localhost:3000/callback";
    const client = await MusicMcpClient.create(server.issuer, server.clientId, redirectUri);
    const asked = await client.authorizationUrl();
    const alice = new Person(server.issuer);
    await alice.signIn("alice");
    const returned = await alice.authorize(Object.fromEntries(asked.searchParams));
    await client.exchange(new URL(`${redirectUri}?${returned}`));
    expect((await client.listTools()).map(({ name }) => name)).toContain("analyze_harmony");
    expect(await client.executeTool("analyze_key", { score_id: "bach_invention_1" })).toMatchObject({
      key: "C major",
    });
    await client.refresh();
    await expect(client.executeTool("analyze_key", { score_id: "none" })).rejects.toThrow("not found");
  });

  it("protects an API", async () => {
    const block = blockWith("typescript", "dacapo/resource-server");
    const program = [
      'import fastify from "fastify";',
      "const app = fastify(); const notesOf = () => [];",
      block,
      'console.log((await app.inject("/notes")).statusCode);',
    ].join("\n");
    const args = ["--conditions=dacapo-source", "--input-type=module", "-e", program];
    expect(await run(process.execPath, args)).toBe("401\n");
  });

  it("names settings that there are", () => {
    const rows = [...guide.matchAll(/^\|.*\| *`(".*)` *\|$/gm)].map(([, members]) => members ?? "");
    expect(rows.length).toBeGreaterThan(3);
    for (const members of rows)
      expect(() => loadConfig({ flags: JSON.parse(`{${members}}`), env: {} })).not.toThrow();
  });

  it("configures the same by file and by code: OAuth2Config, SessionConfig and IPWhitelist", () => {
    const byFile = checkConfig({ code: JSON.parse(blockWith("json", '"oauth"')) });
    expect(checkConfig({ code: programSettings(blockWith("typescript", "startDacapo")) })).toEqual(byFile);
    expect(byFile.config).toMatchObject({
      issuer: "https://api.example.com",
      accessTokenExpireMinutes: 30,
      refreshTokenExpireDays: 7,
      requirePkce: true,
      allowPublicClients: false,
      sessionTtlMinutes: 15,
      maxSessionsPerUser: 3,
      enableSlidingExpiration: true,
      secureCookie: true,
      sameSite: "strict",
      allowNetworks: ["192.168.1.0/24", "10.0.0.0/8", "2001:db8::/32"],
    });
  });

  it("starts the server by the name that it has there", async () => {
    const help = await run(process.execPath, ["interfaces/cli/music21-mcp-remote.js", "--help"]);
    expect(help).toContain("dacapo serve");
    expect(help).toContain("--redis-url");
  });
});
