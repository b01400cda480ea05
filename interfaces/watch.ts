import type { Logger } from "pino";
import { ref } from "../application/documents.ts";
import { projectionStatus } from "../application/queries/projection-status.ts";
import type { Config } from "../infrastructure/config/schema.ts";
import { createMetrics, type Metrics } from "../infrastructure/telemetry/metrics/metrics.ts";
import { measureProjection } from "../infrastructure/telemetry/metrics/projection.ts";
import { measureClock, measureKeys, measureReadiness } from "../infrastructure/telemetry/metrics/standing.ts";
import { createTelemetry, type Telemetry } from "../infrastructure/telemetry/telemetry.ts";
import type { Tracing } from "../infrastructure/telemetry/tracing.ts";
import type { Closing } from "./cli/closing.ts";
import { version } from "./cli/version.ts";
import type { Runtime } from "./compose.ts";
import { createReadiness, type Readiness, startOperations } from "./operations.ts";

/** What watches a process, and what it says of itself. */
export interface Watch {
  readonly telemetry: Telemetry;
  readonly readiness: Readiness;
  /** From now on the metrics tell of this, too. */
  measure(runtime: Runtime): void;
}

/** Events that are counted at most whenever the metrics are asked how far the projection lags. */
const maxLagCounted = 10_000;

function measure(metrics: Metrics, { store, readModels, context, clockSkew }: Runtime): void {
  const { clock, documents } = context;
  measureProjection(metrics, () => projectionStatus(store, readModels, clock.now(), maxLagCounted));
  measureClock(metrics, clockSkew);
  measureKeys(metrics, clock.now, async () => (await documents.load([ref.signingKeys()]))[0]);
}

async function tracingOf(config: Config, role: string, logger: Logger): Promise<Tracing | undefined> {
  if (config.otlpEndpoint === undefined) return undefined;
  // Loaded where it is wanted.
  const { startTracing } = await import("../infrastructure/telemetry/tracing.ts");
  return startTracing({
    endpoint: config.otlpEndpoint,
    ratio: config.traceRatio,
    role,
    version,
    lost: (reason) => logger.warn({ reason }, "the collector does not take traces"),
  });
}

/** How often it is looked whether the process can serve, ms. */
const lookInterval = 1_000;

/** A line of the log whenever that changes, from the first time on that it can. */
function tellReadiness({ notReady }: Readiness, logger: Logger, signal: AbortSignal): void {
  let wasReady: boolean | undefined;
  const timer = setInterval(() => {
    const reasons = notReady();
    const isReady = reasons.length === 0;
    if (isReady === (wasReady ?? false)) return;
    if (isReady) logger.info(wasReady === undefined ? "ready" : "ready again");
    else logger.warn({ reasons }, "not ready any more");
    wasReady = isReady;
  }, lookInterval);
  timer.unref();
  signal.addEventListener("abort", () => clearInterval(timer));
}

/** Begins to watch a process that serves or works: first of all, so that whoever watches sees how it starts. */
export async function startWatch(
  config: Config,
  role: "serve" | "worker",
  logger: Logger,
  closing: Closing,
): Promise<Watch> {
  const tracing = await tracingOf(config, role, logger);
  if (tracing) await closing.add(() => tracing.close());
  const telemetry = createTelemetry(createMetrics(version, role), tracing);
  const readiness = createReadiness();
  measureReadiness(telemetry.metrics, readiness.notReady);
  tellReadiness(readiness, logger, closing.signal);
  await startOperations(config, telemetry.metrics, readiness, closing);
  return {
    telemetry,
    readiness,
    measure: (runtime) => measure(telemetry.metrics, runtime),
  };
}
