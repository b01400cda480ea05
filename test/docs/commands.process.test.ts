import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { factsOf } from "../support/command-output.ts";
import { commandsOf, pages, projectFolder } from "../support/documentation.ts";
import { freePort } from "../support/free-port.ts";
import { Person } from "../support/person.ts";
import { tokensOf } from "../support/process-client.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Pages whose commands another test runs. */
const elsewhere: Readonly<Record<string, string>> = {
  "docs/admin.md": "test/docs/admin.process.test.ts",
  "docs/guide.md": "test/docs/guide.process.test.ts",
  "docs/configuration.md": "test/docs/configuration.unit.test.ts",
  "docs/migrating.md": "test/docs/migrating.process.test.ts",
};

type Variables = Readonly<Record<string, string>>;

/** What the commands of a page find when they begin. */
interface Scene {
  readonly env: Variables;
  readonly password: string;
}

/** The server of the README, with a token of alice's and a machine. */
async function demoScene(server: ServerProcess): Promise<Scene> {
  const { access_token, refresh_token } = await tokensOf(server, "alice");
  const administrator = await tokensOf(server, "admin", "password", "read admin");
  // Somebody whom a page may erase; where another page did, this is refused.
  await server.cli(["user", "create", "ada"], "correct horse battery staple");
  const made = factsOf(
    await server.cli(["client", "create", "--name", "Machine", "--type", "confidential", "--json"]),
  );
  return {
    password: "password",
    env: {
      DACAPO_PORT: new URL(server.issuer).port,
      DACAPO_DATA_DIR: server.dataDir,
      ISSUER: server.issuer,
      TOKEN: access_token,
      ADMIN_TOKEN: administrator.access_token,
      REFRESH: refresh_token,
      CLIENT: server.clientId,
      API: `${server.introspection.id}:${server.introspection.secret}`,
      MACHINE: `${made.client_id}:${made.client_secret}`,
    },
  };
}

/** Signs a person in at every link that `dacapo sign-in` prints, until the commands have ended. */
async function signInWhenAsked(file: string, { password }: Scene, ended: AbortSignal): Promise<void> {
  const seen = new Set<string>();
  while (!ended.aborted) {
    const printed = existsSync(file) ? readFileSync(file, "utf8") : "";
    for (const [link] of printed.matchAll(/http:\/\/\S+\/auth\/authorize\?\S+(?=\s)/g)) {
      if (seen.has(link)) continue;
      seen.add(link);
      const url = new URL(link);
      const alice = new Person(url.origin);
      await alice.signIn("alice", password);
      const returned = await alice.authorize(Object.fromEntries(url.searchParams));
      await fetch(`${url.searchParams.get("redirect_uri")}?${returned}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Where the demo's client may be sent back to, at a port that nobody listens on now. */
async function freeCallback(): Promise<string> {
  for (const port of [3000, 8080]) {
    const socket = createServer().listen(port, "localhost");
    const isFree = await once(socket, "listening").then(
      () => true,
      () => false,
    );
    socket.close();
    if (isFree) return `http://localhost:${port}/callback`;
  }
  throw new Error("the ports 3000 and 8080 are both taken, where the demo's client is sent back to");
}

/** A program `dacapo` for the pages that do not say what it is. */
function makeProgram(folder: string): void {
  mkdirSync(join(folder, "bin"));
  const program = `exec '${process.execPath}' '${projectFolder}interfaces/cli/bin.js' "$@"`;
  writeFileSync(join(folder, "bin/dacapo"), `#!/bin/bash\n${program}\n`, { mode: 0o755 });
}

/** Lets the test read what `sign-in` prints, and be sent back to a free port. */
const heardSignIn = 'dacapo sign-in --redirect-uri "$CALLBACK" 2> >(tee -a "$HOME/sign-in" >&2)';

/** The programs of a reader's machine, where npm has put none of ours before them. */
const machinePath = (process.env.PATH ?? "")
  .split(":")
  .filter((folder) => !/node_modules\/\.bin\/?$/.test(folder))
  .join(":");

/** Runs the blocks of a page one after another in one shell, as a reader does. @throws with the block that failed */
async function runPage(page: string, scene: Scene, ports: Readonly<Record<string, number>>): Promise<string> {
  using folder = temporaryFolder();
  makeProgram(folder.path);
  const home = join(folder.path, "home");
  mkdirSync(home);
  if (scene.env.DACAPO_DATA_DIR !== undefined) symlinkSync(scene.env.DACAPO_DATA_DIR, join(home, ".dacapo"));
  const callback = await freeCallback();
  const script = commandsOf(page)
    .filter(({ notRun }) => notRun === undefined)
    .map(({ line, shell }) => `echo "— ${page}:${line}"\n${shell}`)
    .join("\n")
    .replaceAll("npm run -s dacapo --", "dacapo")
    .replaceAll(/^dacapo sign-in/gm, heardSignIn)
    .replaceAll("http://localhost:3000/callback", callback)
    .replaceAll(/localhost:(8000|4000)/g, (_, port: string) => `localhost:${ports[port]}`)
    .replaceAll(/127\.0\.0\.1:9464/g, `127.0.0.1:${ports["9464"]}`);
  const child = spawn("bash", ["--norc", "-euo", "pipefail", "-c", script], {
    cwd: home,
    detached: true,
    env: {
      ...process.env,
      NODE_ENV: "test",
      HOME: home,
      CALLBACK: callback,
      CLONE: projectFolder,
      PATH: `${join(folder.path, "bin")}:${machinePath}`,
      ...scene.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  const ended = new AbortController();
  const signingIn = signInWhenAsked(join(home, "sign-in"), scene, ended.signal);
  const [code] = (await once(child, "exit")) as [number | null];
  ended.abort();
  // What the page started beside goes with it.
  if (child.pid !== undefined)
    try {
      process.kill(-child.pid);
    } catch {
      // Nothing was.
    }
  await signingIn;
  if (code !== 0) throw new Error(`${page} ends with ${code}:\n${output}`);
  return output;
}

let operationsPort: number;
let server: ServerProcess;
beforeAll(async () => {
  operationsPort = await freePort();
  server = await startServer({ flags: ["--operations-port", String(operationsPort), "--rate-limit", "no"] });
});
afterAll(() => server[Symbol.asyncDispose]());

describe("the commands of the documentation", () => {
  const shown = pages.filter((page) => commandsOf(page).some(({ notRun }) => notRun === undefined));
  const run = shown.filter((page) => !(page in elsewhere));

  it("say why where no test runs them", () => {
    for (const page of pages)
      for (const { notRun, line } of commandsOf(page)) expect(notRun?.trim(), `${page}:${line}`).not.toBe("");
  });

  it.each(Object.entries(elsewhere))("%s is run by %s", (page, test) => {
    expect(readFileSync(join(projectFolder, test), "utf8")).toContain(page.slice("docs/".length));
  });

  it("docs/quick-start.md", { timeout: 120_000 }, async () => {
    const [issuerPort, apiPort] = [await freePort(), await freePort()];
    const env = {
      DACAPO_PORT: String(issuerPort),
      PORT: String(apiPort),
      API_URL: `http://localhost:${apiPort}`,
    };
    const scene = { env: { ...env, DACAPO_LOG_LEVEL: "error" }, password: "correct horse battery staple" };
    const output = await runPage("docs/quick-start.md", scene, { 8000: issuerPort, 4000: apiPort });
    expect(output).toContain('"notes":["c","e","g"]');
    expect(output).toMatch(/^401$/m);
    expect(output).toContain("Not active");
  });

  it.each(run.filter((page) => page !== "docs/quick-start.md"))("%s", { timeout: 120_000 }, async (page) => {
    const port = Number(new URL(server.issuer).port);
    await runPage(page, await demoScene(server), { 8000: port, 9464: operationsPort });
  });
});
