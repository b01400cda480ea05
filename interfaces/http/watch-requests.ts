import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Telemetry } from "../../infrastructure/telemetry/telemetry.ts";
import { isTraceparent } from "../../infrastructure/telemetry/traceparent.ts";
import type { OpenSpan, Tracing } from "../../infrastructure/telemetry/tracing.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The span of this request, where it is traced. */
    span?: OpenSpan;
  }
}

/** By its pattern: a path may hold what is nobody's. */
const routeOf = ({ routeOptions }: FastifyRequest): string => routeOptions.url ?? "(no route)";

function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const { traceparent } = request.headers;
    const route = routeOf(request);
    request.span = tracing.begin({
      name: `${request.method} ${route}`,
      kind: "server",
      traceparent: isTraceparent(traceparent) ? traceparent : undefined,
      attributes: {
        "http.request.method": request.method,
        "http.route": route,
        "dacapo.correlation_id": request.id,
      },
    });
    done();
  });
  app.addHook("onResponse", (request, { statusCode }, done) => {
    const error = statusCode >= 500 ? String(statusCode) : undefined;
    request.span?.end({ "http.response.status_code": statusCode }, error);
    done();
  });
}

/** Counts, times and traces all requests of a server. */
export function watchRequests(app: FastifyInstance, telemetry: Telemetry | undefined): void {
  if (!telemetry) return;
  const { requests, tracing } = telemetry;
  if (tracing) traceRequests(app, tracing);
  app.addHook("onResponse", (request, reply, done) => {
    requests.answered(request.method, routeOf(request), reply.statusCode, reply.elapsedTime);
    done();
  });
}
