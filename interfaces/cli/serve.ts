import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { ensureSigningKeys } from "../../application/commands/manage-signing-keys.ts";
import { Unavailable } from "../../application/ports/event-store.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { createLogger } from "../../infrastructure/telemetry/logger.ts";
import { compose, type Runtime } from "../compose.ts";
import { startJobs } from "../worker/jobs.ts";
import { CommandError } from "./command-error.ts";
import { demoBanner, demoOf } from "./demo.ts";
import { addSettings, allSettings, configOf } from "./options.ts";
import { stopOnSignal } from "./stop.ts";
import { version } from "./version.ts";

/** Milliseconds between two tries to reach the engines, and those of the first one before anything is listened at. */
const [retryEvery, patience] = [1_000, 1_000];

const system = { actor: "system", correlationId: "start" };

function banner({ issuer, demo }: Config): string {
  return [
    `Dacapo ${version} at ${issuer}${demo ? " (demo: well-known users, never for production)" : ""}`,
    `  Sign in   ${issuer}/auth/login`,
    `  Metadata  ${issuer}/.well-known/oauth-authorization-server`,
    `  Keys      ${issuer}/auth/jwks`,
    `  Health    ${issuer}/health`,
  ].join("\n");
}

/** A port of 0 is chosen at listening; whoever gave no issuer then gets one with that port. */
async function freePort(config: Config): Promise<Config> {
  if (config.port !== 0) return config;
  const { createServer: createSocket } = await import("node:net");
  const socket = createSocket().listen(0, config.host);
  await new Promise((resolve) => socket.once("listening", resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  const issuer = config.issuer === "http://localhost:0" ? `http://localhost:${port}` : config.issuer;
  return { ...config, port, issuer };
}

async function listen(config: Config, runtime: Runtime) {
  const logger = createLogger(config.logLevel);
  // Loaded where it is needed: the other commands start without it.
  const { createServer } = await import("../http/server.ts");
  const server = await createServer({
    context: runtime.context,
    refusals: runtime.refusals,
    logger,
    corsOrigins: config.corsOrigins,
    isRateLimited: config.rateLimit,
    trustProxy: config.trustProxy,
    version,
    notReady: runtime.notReady,
    clockFault: runtime.clockFault,
  });
  await listenAt(server, config);
  return server;
}

async function listenAt(server: FastifyInstance, { host, port }: Config): Promise<void> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new CommandError(`Port ${port} on ${host} is taken; choose another by --port.`);
  }
}

/** Composes as soon as log and read models can be reached; listens meanwhile, so that readiness can say what is missing. */
async function composeWhenReachable(config: Config, logger: Logger): Promise<Runtime> {
  let reason = "the log and the read models are being opened";
  const composing = (async () => {
    for (;;) {
      try {
        return await compose(config, logger, { role: "server", projects: false });
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
        if (reason !== error.message) logger.warn({ err: error }, "waiting for what cannot be reached");
        reason = error.message;
        await sleep(retryEvery);
      }
    }
  })();
  const first = await Promise.race([composing, sleep(patience)]);
  if (first !== undefined) return first;
  const { createWaitingServer } = await import("../http/waiting.ts");
  const waiting = createWaitingServer(() => reason);
  await listenAt(waiting, config);
  try {
    return await composing;
  } finally {
    await waiting.close();
  }
}

/** Writes what must be there before anybody is served, as soon as that can be; answers what is to be said of it. */
async function prepare({ context }: Runtime, config: Config, signal: AbortSignal): Promise<string> {
  for (;;) {
    signal.throwIfAborted();
    try {
      await ensureSigningKeys(context, system);
      return config.demo ? `\n${demoBanner(await demoOf(context, config), config)}` : "";
    } catch (error) {
      if (config.worker || !(error instanceof Unavailable)) throw error;
      // Until there is a worker; readiness says so.
      await context.clock.sleep(500, signal);
    }
  }
}

async function serve(given: Config): Promise<void> {
  const config = await freePort(given);
  const logger = createLogger(config.logLevel);
  const runtime = config.worker
    ? await compose(config, logger, { role: "server" })
    : await composeWhenReachable(config, logger);
  const stopping = new AbortController();
  const preparing = prepare(runtime, config, stopping.signal);
  preparing.catch(() => undefined); // it is awaited below, unless something else fails before
  try {
    if (config.worker) await preparing;
    const server = await listen(config, runtime);
    const jobs = config.worker ? await startJobs(runtime, config, logger) : undefined;
    stopOnSignal(async () => {
      stopping.abort();
      await server.close();
      await jobs?.close();
      await runtime.close();
    });
    console.log(banner(config));
    console.log(await preparing);
  } catch (error) {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await runtime.close();
    throw error;
  }
}

/** dacapo serve: the server. */
export function addServeCommand(program: Command): void {
  addSettings(program.command("serve").description("run the authorization server"), allSettings)
    .option("--no-worker", "leave projector and jobs to dacapo worker")
    .action((_options, command: Command) => serve(configOf(command)));
}
