import type { AddressInfo } from "node:net";
import type { Command } from "commander";
import { ensureSigningKeys } from "../../application/commands/manage-signing-keys.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { createLogger } from "../../infrastructure/telemetry/logger.ts";
import { compose, type Runtime } from "../compose.ts";
import { createServer } from "../http/server.ts";
import { CommandError } from "./command-error.ts";
import { demoBanner, demoOf } from "./demo.ts";
import { addSettings, allSettings, configOf } from "./options.ts";
import { version } from "./version.ts";

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

function stopOnSignal(close: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      if (stopping) process.exit(1);
      stopping = true;
      void close().then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(error);
          process.exit(1);
        },
      );
    });
}

async function listen(config: Config, runtime: Runtime) {
  const logger = createLogger(config.logLevel);
  const server = await createServer({
    context: runtime.context,
    refusals: runtime.refusals,
    logger,
    corsOrigins: config.corsOrigins,
    isRateLimited: config.rateLimit,
    trustProxy: config.trustProxy,
    version,
    notReady: runtime.notReady,
  });
  try {
    await server.listen({ host: config.host, port: config.port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new CommandError(`Port ${config.port} on ${config.host} is taken; choose another by --port.`);
  }
  return server;
}

async function serve(given: Config): Promise<void> {
  const config = await freePort(given);
  const runtime = await compose(config, createLogger(config.logLevel));
  try {
    await ensureSigningKeys(runtime.context, system);
    const demo = config.demo ? await demoOf(runtime.context, config) : undefined;
    const server = await listen(config, runtime);
    runtime.startJobs();
    stopOnSignal(async () => {
      await server.close();
      await runtime.close();
      console.log("Stopped.");
    });
    console.log(banner(config));
    if (demo) console.log(demoBanner(demo, config));
  } catch (error) {
    await runtime.close();
    throw error;
  }
}

/** dacapo serve: the server. */
export function addServeCommand(program: Command): void {
  addSettings(program.command("serve").description("run the authorization server"), allSettings).action(
    (_options, command: Command) => serve(configOf(command)),
  );
}
