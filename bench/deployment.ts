import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../test/support/free-port.ts";
import { runCli } from "../test/support/server-process.ts";
import type { Plan } from "./plan.ts";

const bin = fileURLToPath(new URL("../interfaces/cli/bin.js", import.meta.url));

export const redirectUri = "http://localhost:3000/callback";
export const users = Array.from({ length: 8 }, (_, number) => `user-${number}`);
export const password = "a password for the benchmark";

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

/** A server as in production, on data of its own: one resource, one confidential client, some users. */
export interface Deployment extends AsyncDisposable {
  /** Where to reach it. */
  readonly url: string;
  readonly resource: Credentials;
  readonly client: Credentials;
}

/** Runs the command line on the data in `env`; answers what it prints as JSON. */
async function create(
  env: Record<string, string>,
  args: readonly string[],
  input = "",
): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await runCli([...args, "--json"], { env, input });
  if (code !== 0) throw new Error(`dacapo ${args.join(" ")}: ${stderr}`);
  return JSON.parse(stdout);
}

async function untilHealthy(url: string, failed: () => string | undefined): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const response = await fetch(`${url}/health`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    const failure = failed() ?? (Date.now() > deadline ? "it took too long" : undefined);
    if (failure !== undefined) throw new Error(`the server did not start: ${failure}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts the server in a process of its own, in the environment of the deployment. */
async function startServer(url: string, env: Record<string, string>, { profileDir }: Plan) {
  const flags = profileDir === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const child = spawn(process.execPath, [...flags, bin, "serve"], {
    env: { ...process.env, ...env, NODE_ENV: "production", DACAPO_RATE_LIMIT: "off" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints += chunk;
  });
  await untilHealthy(url, () => (child.exitCode === null ? undefined : complaints));
  return async () => {
    child.kill("SIGTERM");
    await ended;
  };
}

/** Makes a deployment in a fresh folder, which goes with it. */
export async function deploy(
  plan: Plan,
  tokenFormat: "jwt" | "opaque" = "jwt",
  engines: Record<string, string> = {},
): Promise<Deployment> {
  const dataDir = await mkdtemp(join(tmpdir(), "dacapo-bench-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const own = { DACAPO_DATA_DIR: dataDir, DACAPO_PORT: String(port), DACAPO_LOG_LEVEL: "error" };
  const env = { ...own, ...engines };
  const { stdout: masterKey } = await runCli(["keys", "generate-master"]);
  await writeFile(join(dataDir, "master.key"), masterKey, { mode: 0o600 });
  const resource = await create(env, ["resource", "create", "https://api.example/", "--default"]);
  const kind = ["--type", "confidential", "--token-format", tokenFormat, "--redirect-uri", redirectUri];
  const client = await create(env, ["client", "create", "--name", "bench", ...kind]);
  for (const name of users) await create(env, ["user", "create", name, "--scopes", "read,write"], password);
  const stop = await startServer(url, env, plan);
  return {
    url,
    resource: { id: resource.introspection_id ?? "", secret: resource.introspection_secret ?? "" },
    client: { id: client.client_id ?? "", secret: client.client_secret ?? "" },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
