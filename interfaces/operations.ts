import fastify from "fastify";
import type { Config } from "../infrastructure/config/schema.ts";
import type { Metrics } from "../infrastructure/telemetry/metrics/metrics.ts";
import type { Closing } from "./cli/closing.ts";
import { CommandError } from "./cli/command-error.ts";
import { probeRoutes } from "./http/health.ts";
import { metricsRoute } from "./http/metrics.ts";

/** Whether a process can do its work; it changes as the process starts and stops. */
export interface Readiness {
  /** Why it cannot; empty when it can. */
  notReady(): readonly string[];
  /** Whom to ask from now on. */
  ask(notReady: () => readonly string[]): void;
}

/** Builds it, for a process that has only just started. */
export function createReadiness(): Readiness {
  let asked: () => readonly string[] = () => ["the process is starting"];
  return {
    notReady: () => asked(),
    ask(notReady) {
      asked = notReady;
    },
  };
}

/**
 * Listens at `operationsPort` for who watches the process: /metrics, /livez, /readyz and /health, without TLS and without
 * asking who it is. Does nothing where the port is unset. @throws {CommandError} where it is taken
 */
export async function startOperations(
  { operationsPort: port, operationsHost: host }: Config,
  metrics: Metrics,
  readiness: Readiness,
  closing: Closing,
): Promise<void> {
  if (port === undefined) return;
  const app = fastify({ forceCloseConnections: true });
  await app.register(metricsRoute(metrics));
  await app.register(probeRoutes(readiness.notReady));
  try {
    await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new CommandError(`Port ${port} on ${host} is taken; choose another by operationsPort.`);
  }
  await closing.add(() => app.close());
}
