import type { Log } from "../../application/log.ts";
import type { StoredEvent } from "../../application/ports/event-store.ts";
import type { Visibility } from "../../application/visibility.ts";
import { createGroupSize } from "./metrics/group-commit.ts";
import { createMeasuredLog } from "./metrics/measured-log.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { createMeasuredVisibility, createProjected } from "./metrics/projection.ts";
import { createRequestMetrics, type RequestMetrics } from "./metrics/requests.ts";
import { tracedLog, traceProjected } from "./traced.ts";
import type { Tracing } from "./tracing.ts";

/** What watches a process. */
export interface Telemetry {
  readonly metrics: Metrics;
  /** Undefined where nothing is traced. */
  readonly tracing: Tracing | undefined;
  readonly requests: RequestMetrics;
  /** The log, with its appends counted, timed and traced. */
  log(log: Log): Log;
  /** The waits for visibility, timed. */
  visibility(visibility: Visibility): Visibility;
  /** A transaction of an embedded log held so many writes. */
  committed(writes: number): void;
  /** Events were carried into the read models, begun at `startedAt`. Both epoch ms. */
  projected(events: readonly StoredEvent[], startedAt: number, now: number): void;
}

/** Puts it together. */
export function createTelemetry(metrics: Metrics, tracing: Tracing | undefined): Telemetry {
  const { registry } = metrics;
  const measuredLog = createMeasuredLog(registry);
  const projected = createProjected(registry);
  return {
    metrics,
    tracing,
    requests: createRequestMetrics(registry),
    log: (log) => (tracing ? tracedLog(measuredLog(log), tracing) : measuredLog(log)),
    visibility: createMeasuredVisibility(registry),
    committed: createGroupSize(registry),
    projected(events, startedAt, now) {
      projected(events, now);
      if (tracing) traceProjected(tracing, events, startedAt);
    },
  };
}
