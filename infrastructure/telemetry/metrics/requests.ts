import { Counter, Histogram, type Registry } from "prom-client";
import { secondsBuckets } from "./metrics.ts";

/** Where the answer of an introspection came from. */
export type Source = "read_models" | "log";

/** What is counted of requests. Nothing of what they hold is a label. */
export interface RequestMetrics {
  /** @param route its pattern, not its path @param milliseconds from its header to its answer */
  answered(method: string, route: string, status: number, milliseconds: number): void;
  /** @param error an OAuth error code or a name of ours */
  refused(error: string): void;
  introspected(isActive: boolean, source: Source): void;
}

/** Builds the counters of requests. */
export function createRequestMetrics(registry: Registry): RequestMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: "dacapo_http_requests_total",
    help: "Requests answered, by method, route and status",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const seconds = new Histogram({
    name: "dacapo_http_request_seconds",
    help: "How long requests took, by route",
    labelNames: ["route"],
    buckets: secondsBuckets,
    registers,
  });
  const refusals = new Counter({
    name: "dacapo_refusals_total",
    help: "Requests refused, by error",
    labelNames: ["error"],
    registers,
  });
  const introspections = new Counter({
    name: "dacapo_introspections_total",
    help: "Introspections, by result and by where the answer came from",
    labelNames: ["result", "source"],
    registers,
  });
  for (const result of ["active", "inactive"])
    for (const source of ["read_models", "log"]) introspections.inc({ result, source }, 0);
  return {
    answered(method, route, status, milliseconds) {
      requests.inc({ method, route, status });
      seconds.observe({ route }, milliseconds / 1000);
    },
    refused: (error) => refusals.inc({ error }),
    introspected: (isActive, source) =>
      introspections.inc({ result: isActive ? "active" : "inactive", source }),
  };
}
