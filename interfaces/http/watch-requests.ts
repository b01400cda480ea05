import type { FastifyInstance, FastifyRequest } from "fastify";
import { isTraceparent } from "../../infrastructure/telemetry/traceparent.ts";
import type { OpenSpan, Tracing } from "../../infrastructure/telemetry/tracing.ts";
import { trustedProxies } from "./allowed-networks.ts";
import type { HttpDependencies } from "./dependencies.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The span of this request, where it is traced. */
    span?: OpenSpan;
  }
}

/** By its pattern: a path may hold what is nobody's. */
const routeOf = ({ routeOptions }: FastifyRequest): string => routeOptions.url ?? "(no route)";

/**
 * A trace goes on from its caller's where a proxy of ours passed it on. A stranger chooses its ids, and so could have
 * all of its requests kept, or put them into any trace: there it is only pointed at.
 */
function traceRequests(
  app: FastifyInstance,
  tracing: Tracing,
  isTrusted: (address: string) => boolean,
): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const { traceparent: sent } = request.headers;
    const caller = isTraceparent(sent) ? sent : undefined;
    const isOurs = isTrusted(request.socket.remoteAddress ?? "");
    const route = routeOf(request);
    request.span = tracing.begin({
      name: `${request.method} ${route}`,
      kind: "server",
      traceparent: isOurs ? caller : undefined,
      linkedTo: isOurs ? undefined : caller,
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
export function watchRequests(
  app: FastifyInstance,
  { telemetry, networks }: Pick<HttpDependencies, "telemetry" | "networks">,
): void {
  if (!telemetry) return;
  const { requests, tracing } = telemetry;
  if (tracing) traceRequests(app, tracing, trustedProxies(networks.trustProxy) || (() => false));
  app.addHook("onResponse", (request, reply, done) => {
    requests.answered(request.method, routeOf(request), reply.statusCode, reply.elapsedTime);
    done();
  });
}
