import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Server as TlsServer } from "node:tls";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { repeatErasures } from "../../application/commands/erase-user.ts";
import { ensureSigningKeys } from "../../application/commands/manage-signing-keys.ts";
import { Unavailable } from "../../application/ports/event-store.ts";
import { defaultResources } from "../../application/queries/resources.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import {
  type HangUps,
  type KeptCertificate,
  keepCertificate,
} from "../../infrastructure/network/certificates.ts";
import { createLogger } from "../../infrastructure/telemetry/logger.ts";
import type { Telemetry } from "../../infrastructure/telemetry/telemetry.ts";
import type { Closing } from "../cli/closing.ts";
import { CommandError } from "../cli/command-error.ts";
import { type DemoNotes, demoOf } from "../cli/demo.ts";
import { ensureMcpResource } from "../cli/mcp-resource.ts";
import { version } from "../cli/version.ts";
import { compose, type Runtime } from "../compose.ts";
import { hasLog, openErasureList } from "../engines.ts";
import { keepingLeaves } from "../proof.ts";
import { startWatch, type Watch } from "../watch.ts";
import { startJobs } from "../worker/jobs.ts";

/** Milliseconds between two tries to reach the engines, and those of the first one before anything is listened at. */
const [retryEvery, patience] = [1_000, 1_000];

/** Connections that wait to be accepted; the system may allow fewer (net.core.somaxconn). */
const backlog = 4_096;

/** How often those are closed that became idle while the server stops, ms: else each is waited for until its client goes. */
const idleInterval = 100;

const system = { actor: "system", correlationId: "start" };

/** A port of 0 is chosen at listening; whoever gave no issuer then gets one with that port. */
async function freePort(config: Config): Promise<Config> {
  if (config.port !== 0) return config;
  const { createServer: createSocket } = await import("node:net");
  const socket = createSocket().listen(0, config.host);
  await once(socket, "listening");
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  const issuer = config.issuer.replace(/^(https?:\/\/localhost):0$/, `$1:${port}`);
  return { ...config, port, issuer };
}

/** What a listener is made of, and what watches its process. */
interface Listening {
  readonly config: Config;
  readonly logger: Logger;
  readonly closing: Closing;
  /** Undefined where it speaks plain HTTP. */
  readonly certificate: KeptCertificate | undefined;
  readonly watch: Watch;
}

async function listen(listening: Listening, runtime: Runtime): Promise<string> {
  const { config, logger, closing, certificate } = listening;
  // Loaded where it is needed: the other commands start without it.
  const [{ createServer, requestTimeout }, { httpDependencies }] = await Promise.all([
    import("../http/server.ts"),
    import("../http/dependencies.ts"),
  ]);
  const dependencies = httpDependencies(config, runtime, logger, version, () => closing.signal.aborted);
  const server = await createServer(dependencies, certificate?.options);
  await closing.add(async () => {
    const seconds = server.server.listening ? config.shutdownDelaySeconds : 0;
    if (seconds > 0) logger.info({ seconds }, "not ready any more; requests are answered for a while");
    await sleep(seconds * 1_000);
    const timer = setInterval(() => server.server.closeIdleConnections(), idleInterval);
    // Node, which cuts slow requests off, does so no more once it stops: somebody who sends a byte now and then would keep us.
    const last = setTimeout(() => server.server.closeAllConnections(), requestTimeout + 1_000);
    await server.close().finally(() => {
      clearInterval(timer);
      clearTimeout(last);
    });
  });
  return listenAt(server, listening);
}

async function listenAt(
  server: FastifyInstance,
  { config: { host, port }, certificate }: Listening,
): Promise<string> {
  if (server.server instanceof TlsServer) certificate?.keep(server.server);
  try {
    return await server.listen({ host, port, backlog });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new CommandError(`Port ${port} on ${host} is taken; choose another by port, or --port.`);
  }
}

/** Composes, as often as an engine cannot be reached; `waits` is told why. @throws the signal's reason */
async function composeInTheEnd(
  config: Config,
  logger: Logger,
  telemetry: Telemetry,
  signal: AbortSignal,
  waits: (reason: string) => void,
): Promise<Runtime> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await compose(config, logger, { role: "server", projects: false, telemetry });
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      waits(error.message);
      await sleep(retryEvery, undefined, { signal });
    }
  }
}

/** Composes as soon as log and read models can be reached; listens meanwhile, so that readiness can say what is missing. */
async function composeWhenReachable(listening: Listening): Promise<Runtime> {
  const { config, logger, closing, certificate } = listening;
  const { telemetry, readiness } = listening.watch;
  let reason = "the log and the read models are being opened";
  readiness.ask(() => [reason]);
  const composing = composeInTheEnd(config, logger, telemetry, closing.signal, (why) => {
    if (reason !== why) logger.warn({ reason: why }, "waiting for an engine");
    reason = why;
  });
  const composed = composing.then((runtime) => closing.add(() => runtime.close()));
  composed.catch(() => undefined); // it is awaited below, unless something else fails before
  if ((await Promise.race([composing, sleep(patience)])) === undefined) {
    const { createWaitingServer } = await import("../http/waiting.ts");
    const waiting = createWaitingServer(() => reason, config, certificate?.options);
    await listenAt(waiting, listening);
    try {
      await composed;
    } finally {
      await waiting.close();
    }
  }
  await composed;
  return await composing;
}

/** Writes what must be there before anybody is served, as soon as that can be; answers what the demo made. */
async function prepare(
  { context }: Runtime,
  config: Config,
  signal: AbortSignal,
): Promise<DemoNotes | undefined> {
  for (;;) {
    signal.throwIfAborted();
    try {
      await ensureSigningKeys(context, system);
      if (config.mcp && !config.demo) await ensureMcpResource(context, system);
      const demo = config.demo ? await demoOf(context, config) : undefined;
      // Known from now on, so that people can sign in also while the read models cannot be believed.
      await defaultResources(context).catch((error: unknown) => {
        if (!(error instanceof Unavailable)) throw error;
      });
      return demo;
    } catch (error) {
      if (config.worker || !(error instanceof Unavailable)) throw error;
      // Until there is a worker; readiness says so.
      await context.clock.sleep(500, signal);
    }
  }
}

/** A log that was restored from a backup repeats the erasures that it has lost, before anybody is served. */
async function eraseAgain(
  { context, store }: Runtime,
  config: Config,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const keepLeaves = keepingLeaves(config, store, (error) =>
    logger.error({ err: error }, "no leaves are kept"),
  );
  const dependencies = { ...context, store, erasureList: openErasureList(config), keepLeaves };
  for (;;) {
    signal.throwIfAborted();
    try {
      const repeated = await repeatErasures(dependencies, system);
      if (repeated > 0)
        logger.warn({ persons: repeated }, "the log was older than erasures, which were repeated");
      return;
    } catch (error) {
      if (config.worker || !(error instanceof Unavailable)) throw error;
      // Until there is a worker, by which alone an end becomes visible.
      await context.clock.sleep(500, signal);
    }
  }
}

async function openWithWorker({ config, logger, closing, watch }: Listening): Promise<Runtime> {
  const runtime = await compose(config, logger, { role: "server", telemetry: watch.telemetry });
  await closing.add(() => runtime.close());
  return runtime;
}

/** A server that listens. */
export interface Started {
  /** The configuration, with the port that was taken. */
  readonly config: Config;
  /** Where it listens, which may be elsewhere than at the issuer. */
  readonly url: string;
  /** What the demo made, once that is there: later, where it waits for a worker in another process. */
  readonly prepared: Promise<DemoNotes | undefined>;
}

/**
 * Starts the server in this process and gives what it opens to `closing`; it is up to the caller to close that, also where
 * this fails.
 * @param hangUps tells of SIGHUP, at which the files of the certificate are looked at
 * @throws {ConfigurationError} @throws {CommandError} where the port is taken @throws {Unavailable}
 */
export async function start(given: Config, closing: Closing, hangUps?: HangUps): Promise<Started> {
  const config = await freePort(given);
  const logger = createLogger(config.logLevel);
  const certificate = keepCertificate(config, logger, { hangUps });
  if (certificate) await closing.add(async () => certificate.close());
  if (!config.demo && !hasLog(config))
    logger.warn({ dataDir: config.dataDir }, "there was no log there: a new one is made, with nobody in it");
  const watch = await startWatch(config, "serve", logger, closing);
  const listening = { config, logger, closing, certificate, watch };
  const runtime = config.worker ? await openWithWorker(listening) : await composeWhenReachable(listening);
  watch.measure(runtime);
  await eraseAgain(runtime, config, logger, closing.signal);
  const prepared = prepare(runtime, config, closing.signal);
  prepared.catch(() => undefined); // it is awaited below or by the caller, unless something else fails before
  if (config.worker) {
    await prepared;
    const jobs = await startJobs(runtime, config, logger);
    await closing.add(() => jobs.close());
  }
  const notReady = () => [
    ...(closing.signal.aborted ? ["the server is stopping"] : []),
    ...runtime.notReady(),
  ];
  const url = await listen(listening, { ...runtime, notReady });
  watch.readiness.ask(notReady);
  return { config, url, prepared };
}
