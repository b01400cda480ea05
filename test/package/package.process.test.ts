import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clone, copyClone, hidden, lendPackages } from "../support/clone-copy.ts";
import type { Tokens } from "../support/code-flow.ts";
import { basic, postForm } from "../support/requests.ts";
import { mustRun, runProgram } from "../support/run-program.ts";
import { type Program, startServer } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const { version } = JSON.parse(readFileSync(join(clone, "package.json"), "utf8"));

const folder = temporaryFolder();
const source = join(folder.path, "source");
const project = join(folder.path, "project");
const installed = join(project, "node_modules/dacapo");
const bin = join(installed, "dist/interfaces/cli/bin.js");

/** The files of the package, as its users get them. */
const shipped = () =>
  readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(installed, path)).isFile(),
  );

const npmInstall = (...what: string[]) => [
  "npm",
  "install",
  "--prefer-offline",
  "--no-audit",
  "--no-fund",
  "--loglevel=error",
  ...what,
];

beforeAll(async () => {
  copyClone(source);
  lendPackages(source);
  const packed = await mustRun(["npm", "pack", "--loglevel=error", "--pack-destination", folder.path], {
    cwd: source,
  });
  expect(packed).toContain(`dacapo-${version}.tgz`);
  await mustRun(["mkdir", project], { cwd: folder.path });
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }');
  await mustRun(npmInstall(join(folder.path, `dacapo-${version}.tgz`)), { cwd: project });
}, 300_000);
afterAll(() => folder[Symbol.dispose]());

describe("the package", () => {
  it("holds what was compiled, the documentation and the licence, and nothing else", () => {
    const others = shipped().filter(
      (path) => !/^dist\/(domain|application|infrastructure|interfaces)\//.test(path),
    );
    expect(others.filter((path) => !/^docs\/([\w-]+\/)?[\w-]+\.(md|svg)$/.test(path)).sort()).toEqual([
      "CHANGELOG.md",
      "CONTRIBUTING.md",
      "LICENSE",
      "README.md",
      "docs/examples/mcp-client.ts",
      "docs/examples/resource-server.ts",
      "package.json",
    ]);
    expect(shipped().filter((path) => path.startsWith("dist/") && !/\.(js|d\.ts)$/.test(path))).toEqual([]);
  });

  it("holds nothing that lay about where it was made", () => {
    const found = shipped().filter((path) => readFileSync(join(installed, path), "utf8") === hidden);
    expect(found).toEqual([]);
  });

  it("has every file of the clone that its pages name, but for those that deploy the clone", () => {
    const pages = shipped().filter((path) => path.endsWith(".md"));
    const missing = pages.flatMap((page) =>
      [...readFileSync(join(installed, page), "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, target = ""]) => posix.join(dirname(page), target))
        .filter((target) => !target.startsWith("deploy/") && existsSync(join(clone, target)))
        .filter((target) => !existsSync(join(installed, target)))
        .map((target) => `${page}: ${target}`),
    );
    expect(pages).toContain("docs/operations.md");
    expect(missing).toEqual([]);
  });

  it.each(["npx dacapo", "npx music21-mcp-remote"])("brings the command %s", async (command) => {
    const { code, output } = await runProgram([...command.split(" "), "--help"], { cwd: project });
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining("Usage: dacapo ") });
  });

  it("knows its version", async () => {
    expect(await mustRun(["npx", "dacapo", "--version"], { cwd: project })).toBe(`${version}\n`);
  });

  it("has types that a program of its users is checked by", { timeout: 120_000 }, async () => {
    const types = { types: ["node"], typeRoots: [join(clone, "node_modules/@types")] };
    const compilerOptions = { module: "nodenext", target: "es2024", strict: true, noEmit: true, ...types };
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["consumer.ts"] }),
    );
    const check = async (port: string) => {
      writeFileSync(join(project, "consumer.ts"), consumer(port));
      return runProgram([join(clone, "node_modules/.bin/tsc"), "-p", project], { cwd: project });
    };
    expect(await check("8000")).toEqual({ code: 0, output: "" });
    expect((await check("true")).output).toMatch(/consumer\.ts.*is not assignable to/);
  });
});

/** A program that protects an API and starts the server beside it. */
const consumer = (port: string) => `import { type Dacapo, startDacapo } from "dacapo";
import { resourceServer } from "dacapo/resource-server";
import fastify from "fastify";

const dacapo: Dacapo = await startDacapo({ demo: true, port: ${port} });
const app = fastify();
await app.register(resourceServer, { issuer: dacapo.issuer, resource: "http://localhost", validation: "local" });
app.get("/", { preHandler: app.requireScope("read") }, async ({ accessToken }) => accessToken?.subject);
`;

/** What every installation must do: make a client, serve it, and know its token. */
async function worksBy(program: Program): Promise<void> {
  await using server = await startServer({ program, env: { DACAPO_MCP: "yes" } });
  // Where others use the machine a server may be late for a moment.
  await expect
    .poll(async () => (await fetch(`${server.issuer}/health`)).json(), { timeout: 20_000 })
    .toEqual({ status: "ready" });
  const made = await server.cli([
    "client",
    "create",
    "--name",
    "Machine",
    "--type",
    "confidential",
    "--json",
  ]);
  const { client_id, client_secret } = JSON.parse(made.stdout);
  const answer = await postForm(
    `${server.issuer}/auth/token`,
    { grant_type: "client_credentials" },
    basic(client_id, client_secret),
  );
  const token = (await answer.json()) as Tokens;
  expect(token).toMatchObject({ token_type: "Bearer", access_token: expect.any(String) });
  const tools = await fetch(`${server.issuer}/mcp/tools`, {
    headers: { authorization: `Bearer ${token.access_token}` },
  });
  expect(tools.status).toBe(200);
  expect(await (await fetch(`${server.issuer}/auth/login`)).text()).toContain("<form");
  expect(await server.stop()).toBe(0);
}

describe("what is installed runs", () => {
  it("on the Node of these tests", () => worksBy([process.execPath, bin]));

  it("on Node 24", { timeout: 240_000 }, async ({ skip }) => {
    const place = join(folder.path, "node24");
    await mustRun(["mkdir", place], { cwd: folder.path });
    const { code, output } = await runProgram(npmInstall("--prefix", place, "node@24"), { cwd: place });
    const node = join(place, "node_modules/node/bin/node");
    skip(code !== 0 || !existsSync(node), `Node 24 is not to be had here: ${output}`);
    expect(await mustRun([node, "--version"], { cwd: place })).toMatch(/^v24\./);
    await worksBy([node, bin]);
  });

  it("in a process of others", async () => {
    const program = `
      import { startDacapo } from "dacapo";
      import { resourceServer } from "dacapo/resource-server";
      import fastify from "fastify";
      const dacapo = await startDacapo({ demo: true, ephemeral: true, port: 0, logLevel: "silent" });
      const { keys } = await (await fetch(dacapo.url + "/auth/jwks")).json();
      const app = fastify();
      await app.register(resourceServer, { issuer: dacapo.issuer, resource: dacapo.issuer, validation: "local" });
      app.get("/", { preHandler: app.requireScope("read") }, async () => "in");
      const { statusCode } = await app.inject("/");
      await dacapo.close();
      console.log(JSON.stringify({ kty: keys[0].kty, statusCode }));`;
    writeFileSync(join(project, "embedding.js"), program);
    const output = await mustRun([process.execPath, "embedding.js"], { cwd: project });
    expect(JSON.parse(output)).toEqual({ kty: "EC", statusCode: 401 });
  });
});
