import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { createResource } from "../application/commands/manage-resources.ts";
import { ensureSigningKeys } from "../application/commands/manage-signing-keys.ts";
import { createUser } from "../application/commands/manage-users.ts";
import { registerClient } from "../application/commands/register-client.ts";
import { loadConfig } from "../infrastructure/config/load.ts";
import { generateMasterKey } from "../infrastructure/crypto/key-ring.ts";
import { compose } from "../interfaces/compose.ts";
import { freePort } from "../test/support/free-port.ts";
import type { Plan } from "./plan.ts";
import { frugal } from "./program.ts";
import { ownFolder } from "./programs/folder.ts";

const bin = fileURLToPath(new URL("../interfaces/cli/bin.js", import.meta.url));

export const resourceUri = "https://api.example/";
export const redirectUri = "https://client.example/callback";
export const users = Array.from({ length: 8 }, (_, number) => `user-${number}`);
export const password = "a password for the benchmark";

interface Credentials {
  readonly id: string;
  readonly secret: string;
}

/** What tokens are got and judged by. */
export interface Furniture {
  readonly resource: Credentials;
  readonly client: Credentials;
}

/** A server as in production, on data of its own: one resource, one confidential client, some users. */
export interface Deployment extends Furniture, AsyncDisposable {
  /** Where to reach it. */
  readonly url: string;
  readonly pid: number;
  /** The file that configures it. */
  readonly configFile: string;
  /** Ends it, as a crash does or in order, and starts it again on the same data; answers how long that took, ms. */
  restart(signal: "SIGKILL" | "SIGTERM"): Promise<number>;
}

export interface DeploymentOptions {
  readonly tokenFormat?: "jwt" | "opaque";
  /** Where the read models are in Redis. */
  readonly redisUrl?: string | undefined;
  /** Fills the data, before the server starts. */
  readonly fill?: (configFile: string, furniture: Furniture) => Promise<void>;
}

/** Makes resource, client and users. */
async function furnish(configFile: string, tokenFormat: "jwt" | "opaque"): Promise<Furniture> {
  const metadata = { actor: "operator", correlationId: "bench" };
  await using stack = new AsyncDisposableStack();
  const runtime = await compose(loadConfig({ file: configFile, env: {} }), pino({ level: "error" }));
  stack.defer(runtime.close);
  const { context } = runtime;
  await ensureSigningKeys(context, metadata);
  const scopes = ["read", "write"];
  const { resource, secret } = await createResource(
    context,
    { uri: resourceUri, name: "bench", scopes, isDefault: true },
    metadata,
  );
  const registered = await registerClient(context, {
    request: {
      name: "bench",
      redirectUris: [redirectUri],
      authMethods: ["client_secret_basic"],
      grantTypes: ["authorization_code", "refresh_token", "client_credentials"],
      tokenFormat,
    },
    origin: "operator",
    isSelfManaged: false,
    metadata,
  });
  await Promise.all(users.map((username) => createUser(context, { username, password, scopes }, metadata)));
  return {
    resource: { id: resource.resourceId, secret },
    client: { id: registered.client.clientId, secret: registered.secret ?? "" },
  };
}

/** Resolves when the server is ready. @throws what it complained of where it ended, or took too long */
async function untilReady(url: string, failed: () => string | undefined): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const response = await fetch(`${url}/readyz`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    const failure = failed() ?? (Date.now() > deadline ? "it took too long" : undefined);
    if (failure !== undefined) throw new Error(`the server did not start: ${failure}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts the server in a process of its own. */
async function startServer(url: string, configFile: string, { profileDir }: Plan) {
  const flags = profileDir === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  const child = spawn(process.execPath, [...flags, bin, "serve", "--config", configFile], {
    env: { PATH: process.env.PATH, NODE_ENV: "production", ...frugal },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(child, "exit");
  // It must not outlive whoever measures it.
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints += chunk;
  });
  await untilReady(url, () => (child.exitCode === null ? undefined : complaints));
  return {
    pid: child.pid ?? 0,
    async stop(signal: NodeJS.Signals = "SIGTERM") {
      child.kill(signal);
      await ended;
      process.off("exit", kill);
    },
  };
}

/** Makes a deployment in a fresh folder, which goes with it. */
export async function deploy(plan: Plan, options: DeploymentOptions = {}): Promise<Deployment> {
  const { tokenFormat = "jwt", redisUrl, fill } = options;
  const dataDir = ownFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(dataDir, "dacapo.json");
  const settings = { dataDir, port, redisUrl, logLevel: "error", rateLimit: false };
  await writeFile(configFile, JSON.stringify(settings));
  await writeFile(join(dataDir, "master.key"), generateMasterKey(), { mode: 0o600 });
  const furniture = await furnish(configFile, tokenFormat);
  await fill?.(configFile, furniture);
  let server = await startServer(url, configFile, plan);
  return {
    ...{ url, configFile, ...furniture },
    get pid() {
      return server.pid;
    },
    async restart(signal) {
      await server.stop(signal);
      const start = performance.now();
      server = await startServer(url, configFile, plan);
      return performance.now() - start;
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
