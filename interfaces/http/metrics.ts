import type { FastifyPluginAsync } from "fastify";
import type { Metrics } from "../../infrastructure/telemetry/metrics/metrics.ts";

/** GET /metrics, in the text format of Prometheus. */
export const metricsRoute =
  (metrics: Metrics): FastifyPluginAsync =>
  async (app) => {
    app.get("/metrics", async (_request, reply) =>
      reply
        .headers({ "content-type": metrics.contentType, "cache-control": "no-store" })
        .send(await metrics.text()),
    );
  };
