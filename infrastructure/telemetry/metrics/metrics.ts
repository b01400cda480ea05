import { collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** How long (ms) one asks at most for what gauges show, so that who asks is answered in time all the same. */
const patience = 1_000;

/** The metrics of one process. */
export interface Metrics {
  readonly registry: Registry;
  /**
   * Sets gauges whenever the metrics are asked for. Where that fails or takes too long they are NaN, not what they were
   * before, and the other metrics are told all the same.
   */
  whenAsked(gauges: readonly Gauge[], set: () => Promise<void>): void;
  /** All of them in the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Rejects where the work takes too long. */
async function inTime(work: Promise<void>): Promise<void> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("it took too long")), patience);
  await Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}

let ofNode: Registry | undefined;

/** Those of Node are measured once a process, however many servers it starts: what measures them is never stopped. */
function metricsOfNode(): Registry {
  if (ofNode) return ofNode;
  ofNode = new Registry();
  collectDefaultMetrics({ register: ofNode });
  return ofNode;
}

/** Builds the metrics of a server or worker, with those of Node and which version runs. */
export function createMetrics(version: string, role: "serve" | "worker" = "serve"): Metrics {
  const registry = new Registry();
  const node = metricsOfNode();
  new Gauge({
    name: "dacapo_build_info",
    help: "Which version of Dacapo runs, on which Node, as serve or worker; always 1",
    labelNames: ["version", "node", "role"],
    registers: [registry],
  }).set({ version, node: process.versions.node, role }, 1);
  const looks: (() => Promise<void>)[] = [];
  return {
    registry,
    contentType: registry.contentType,
    whenAsked(gauges, set) {
      looks.push(async () => {
        try {
          await inTime(set());
        } catch {
          for (const gauge of gauges) gauge.set(Number.NaN);
        }
      });
    },
    async text() {
      await Promise.all(looks.map((look) => look()));
      return `${await registry.metrics()}\n${await node.metrics()}`;
    },
  };
}

/** Bounds of the buckets for what takes between a fraction of a millisecond and some seconds, in seconds. */
export const secondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
