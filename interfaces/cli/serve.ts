import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { ensureSigningKeys } from "../../application/commands/manage-signing-keys.ts";
import { Unavailable } from "../../application/ports/event-store.ts";
import { defaultResources } from "../../application/queries/resources.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { createLogger } from "../../infrastructure/telemetry/logger.ts";
import { compose, type Runtime } from "../compose.ts";
import { startJobs } from "../worker/jobs.ts";
import { type Closing, createClosing } from "./closing.ts";
import { CommandError } from "./command-error.ts";
import { demoBanner, demoOf } from "./demo.ts";
import { ensureMcpResource } from "./mcp-resource.ts";
import { addSettings, allSettings, configOf } from "./options.ts";
import { stopOnSignal } from "./stop.ts";
import { version } from "./version.ts";

/** Milliseconds between two tries to reach the engines, and those of the first one before anything is listened at. */
const [retryEvery, patience] = [1_000, 1_000];

const system = { actor: "system", correlationId: "start" };

function banner({ issuer, demo, mcp }: Config): string {
  return [
    `Dacapo ${version} at ${issuer}${demo ? " (demo, never for production)" : ""}`,
    ...(mcp ? [`  MCP       ${issuer}/mcp`] : []),
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
  const [{ createServer }, { httpDependencies }] = await Promise.all([
    import("../http/server.ts"),
    import("../http/dependencies.ts"),
  ]);
  const server = await createServer(httpDependencies(config, runtime, logger, version));
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

/** Composes, as often as an engine cannot be reached; `waits` is told why. @throws the signal's reason */
async function composeInTheEnd(
  config: Config,
  logger: Logger,
  signal: AbortSignal,
  waits: (reason: string) => void,
): Promise<Runtime> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await compose(config, logger, { role: "server", projects: false });
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      waits(error.message);
      await sleep(retryEvery, undefined, { signal });
    }
  }
}

/** Composes as soon as log and read models can be reached; listens meanwhile, so that readiness can say what is missing. */
async function composeWhenReachable(config: Config, logger: Logger, closing: Closing): Promise<Runtime> {
  let reason = "the log and the read models are being opened";
  const composing = composeInTheEnd(config, logger, closing.signal, (why) => {
    if (reason !== why) logger.warn({ reason: why }, "waiting for an engine");
    reason = why;
  });
  const composed = composing.then((runtime) => closing.add(() => runtime.close()));
  composed.catch(() => undefined); // it is awaited below, unless something else fails before
  if ((await Promise.race([composing, sleep(patience)])) === undefined) {
    const { createWaitingServer } = await import("../http/waiting.ts");
    const waiting = createWaitingServer(() => reason);
    await listenAt(waiting, config);
    try {
      await composed;
    } finally {
      await waiting.close();
    }
  }
  await composed;
  return await composing;
}

/** Writes what must be there before anybody is served, as soon as that can be; answers what is to be said of it. */
async function prepare({ context }: Runtime, config: Config, signal: AbortSignal): Promise<string> {
  for (;;) {
    signal.throwIfAborted();
    try {
      await ensureSigningKeys(context, system);
      if (config.mcp && !config.demo) await ensureMcpResource(context, system);
      const told = config.demo ? `\n${demoBanner(await demoOf(context, config), config)}` : "";
      // Known from now on, so that people can sign in also while the read models cannot be believed.
      await defaultResources(context).catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error;
      });
      return told;
    } catch (error) {
      if (config.worker || !(error instanceof Unavailable)) throw error;
      // Until there is a worker; readiness says so.
      await context.clock.sleep(500, signal);
    }
  }
}

async function serve(given: Config): Promise<void> {
  const closing = createClosing();
  stopOnSignal(closing.close);
  try {
    await open(await freePort(given), closing);
  } catch (error) {
    if (closing.signal.aborted) return;
    await closing.close();
    throw error;
  }
}

async function open(config: Config, closing: Closing): Promise<void> {
  const logger = createLogger(config.logLevel);
  const runtime = config.worker
    ? await openWithWorker(config, logger, closing)
    : await composeWhenReachable(config, logger, closing);
  const preparing = prepare(runtime, config, closing.signal);
  preparing.catch(() => undefined); // it is awaited below, unless something else fails before
  if (config.worker) {
    await preparing;
    const jobs = await startJobs(runtime, config, logger);
    await closing.add(() => jobs.close());
  }
  const server = await listen(config, runtime);
  await closing.add(() => server.close());
  console.log(banner(config));
  console.log(await preparing);
}

async function openWithWorker(config: Config, logger: Logger, closing: Closing): Promise<Runtime> {
  const runtime = await compose(config, logger, { role: "server" });
  await closing.add(() => runtime.close());
  return runtime;
}

/** dacapo serve: the server. */
export function addServeCommand(program: Command): void {
  addSettings(program.command("serve").description("run the authorization server"), allSettings)
    .option("--no-worker", "leave projector and jobs to dacapo worker")
    .action((_options, command: Command) => serve(configOf(command)));
}
