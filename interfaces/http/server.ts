import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { TlsOptions } from "node:tls";
import cookie from "@fastify/cookie";
import cors from "@fastify/cors";
import formbody from "@fastify/formbody";
import fastify, { type FastifyInstance, type FastifyPluginAsync } from "fastify";
import { Unavailable } from "../../application/ports/event-store.ts";
import { accountRoutes } from "./account/routes.ts";
import { adminRoutes } from "./admin/index.ts";
import { allowedNetworks, refuseForeignNetworks, trustedProxies } from "./allowed-networks.ts";
import { type BrowserSessions, createBrowserSessions } from "./browser-sessions.ts";
import { createClientFailures } from "./client-failures.ts";
import { corsByRequest } from "./cors.ts";
import type { HttpDependencies } from "./dependencies.ts";
import { handleErrors, tellMalformedUrl } from "./errors.ts";
import { healthRoutes } from "./health.ts";
import { listenerOptions } from "./listener.ts";
import { metricsRoute } from "./metrics.ts";
import { tellNoHttp } from "./no-http.ts";
import { authorizeRoutes } from "./oauth/authorize.ts";
import { introspectRoute } from "./oauth/introspect.ts";
import { loginRoutes } from "./oauth/login.ts";
import { metadataRoutes } from "./oauth/metadata.ts";
import { registerRoutes } from "./oauth/register.ts";
import { registerClientRoute } from "./oauth/register-client.ts";
import { revokeRoute } from "./oauth/revoke.ts";
import { tokenRoute } from "./oauth/token.ts";
import { openapiRoutes } from "./openapi/routes.ts";
import { pageRouteOptions } from "./page-route.ts";
import { stylesheet, stylesheetPath } from "./pages/stylesheet.ts";
import { parseParameters } from "./parameters.ts";
import { rememberRoutes } from "./routes.ts";
import { addSecurityHeaders } from "./security-headers.ts";
import { createSignInThrottle } from "./sign-in-throttle.ts";
import { watchRequests } from "./watch-requests.ts";

const bodyLimit = 64 * 1024;
/** How long (ms) a request may take to arrive, and its answer to be made. */
export const requestTimeout = 10_000;
/** A client id may be a URL. */
const maxParamLength = 2_000;

/** One line a request, without its query: what is in there is not ours to keep. The id is told to whoever asked. */
function logRequests(app: FastifyInstance, { logger }: HttpDependencies): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    done();
  });
  if (!logger.isLevelEnabled("debug")) return;
  app.addHook("onResponse", async (request, reply) => {
    const { id: requestId, method } = request;
    const { statusCode: status } = reply;
    const route = request.routeOptions.url ?? "(no route)";
    const milliseconds = Math.round(reply.elapsedTime * 10) / 10;
    logger.debug(
      { requestId, method, route, status, milliseconds },
      `${method} ${route} answered ${status} in ${milliseconds} ms`,
    );
  });
}

/** While it stops, a connection ends with the next answer: who asks again comes by a new one, perhaps to another server. */
function letConnectionsGo(app: FastifyInstance, { isStopping }: HttpDependencies): void {
  app.addHook("onRequest", (_request, reply, done) => {
    if (isStopping()) reply.header("connection", "close");
    done();
  });
}

/** Where the issuer has a path, requests are served with and without it, as a proxy may or may not take it off. */
function withoutBase(issuer: string): (request: IncomingMessage) => string {
  const { pathname } = new URL(issuer);
  const base = pathname === "/" ? "" : pathname;
  return ({ url: asked = "/" }) => {
    // A proxy is asked by whole URLs, and so may we be (RFC 9112 §3.2.2).
    const url = asked.replace(/^https?:\/\/[^/?#]*/i, "") || "/";
    return base !== "" && url.startsWith(`${base}/`) ? url.slice(base.length) : url;
  };
}

/** The routes that people meet in a browser, which alone have cookies. */
const pageRoutes =
  (dependencies: HttpDependencies, browserSessions: BrowserSessions): FastifyPluginAsync =>
  async (app) => {
    await app.register(cookie);
    const pageRoute = pageRouteOptions(dependencies);
    await app.register(authorizeRoutes(dependencies, browserSessions, pageRoute));
    const throttle = createSignInThrottle(dependencies.limits);
    await app.register(loginRoutes(dependencies, browserSessions, throttle, pageRoute));
    await app.register(accountRoutes(dependencies, browserSessions, throttle, pageRoute));
  };

/** All routes that decide or judge by the time. A process whose clock is wrong answers none of them. */
const decidingRoutes =
  (dependencies: HttpDependencies, browserSessions: BrowserSessions): FastifyPluginAsync =>
  async (app) => {
    const { clockFault } = dependencies;
    app.addHook("onRequest", (_request, _reply, done) => {
      const fault = clockFault();
      done(fault === undefined ? undefined : new Unavailable(fault));
    });
    const failures = createClientFailures(dependencies);
    await app.register(tokenRoute(dependencies, failures));
    await app.register(introspectRoute(dependencies, failures));
    await app.register(revokeRoute(dependencies, failures));
    await app.register(registerClientRoute(dependencies));
    await app.register(registerRoutes(dependencies));
    await app.register(pageRoutes(dependencies, browserSessions));
    await app.register(adminRoutes(dependencies));
  };

/**
 * Builds the HTTP server; `listen` is up to the caller. A request is cut off after 10 s, its header at 16 KiB (431, Node's
 * own limit) and its body at 64 KiB (413). Idle connections are kept for Fastify's 72 s: proxies, which usually keep them for
 * 60 s, should be the ones to end them. How many connections one address may hold is left to the proxy, which alone sees whose
 * they are.
 * @param tls makes it an HTTPS server
 */
export async function createServer(
  dependencies: HttpDependencies,
  tls?: TlsOptions,
): Promise<FastifyInstance> {
  const { context, corsOrigins, networks, cookies } = dependencies;
  const requireAllowed = allowedNetworks(networks);
  // Node takes the larger of two timeouts for bodies, 60 s where only Fastify knows ours, and looks twice a minute.
  const times = { requestTimeout, connectionsCheckingInterval: 1_000 };
  const app = fastify({
    bodyLimit,
    requestTimeout,
    connectionTimeout: requestTimeout,
    ...listenerOptions(times, tls),
    trustProxy: trustedProxies(networks.trustProxy),
    logger: false,
    rewriteUrl: withoutBase(context.policy.issuer),
    genReqId: () => randomUUID(),
    frameworkErrors: (_error, request, reply) =>
      tellMalformedUrl(request, reply, dependencies, requireAllowed),
    routerOptions: { querystringParser: parseParameters, maxParamLength },
    forceCloseConnections: "idle",
    // What comes on an open connection while the server stops is answered, and the connection closed with that.
    return503OnClosing: false,
    clientErrorHandler: tellNoHttp,
  });
  // Forms are what these endpoints take; only registration is JSON, and adds its parser itself.
  app.removeContentTypeParser(["application/json", "text/plain"]);
  rememberRoutes(app);
  handleErrors(app, dependencies);
  logRequests(app, dependencies);
  watchRequests(app, dependencies);
  letConnectionsGo(app, dependencies);
  addSecurityHeaders(app, context.policy.issuer);
  refuseForeignNetworks(app, requireAllowed);
  const corsFor = corsByRequest(corsOrigins);
  await app.register(cors, {
    delegator: (request, callback) => callback(null, corsFor(request)),
  });
  await app.register(formbody, { parser: parseParameters, bodyLimit });

  app.get(stylesheetPath, async (_request, reply) =>
    reply
      .header("cache-control", "public, max-age=31536000, immutable")
      .type("text/css; charset=utf-8")
      .send(stylesheet),
  );
  const browserSessions = createBrowserSessions(context, cookies);
  await app.register(healthRoutes(dependencies));
  if (dependencies.showsMetrics && dependencies.telemetry)
    await app.register(metricsRoute(dependencies.telemetry.metrics));
  await app.register(metadataRoutes(dependencies));
  if (dependencies.hasApiDocs) await app.register(openapiRoutes(dependencies));
  await app.register(decidingRoutes(dependencies, browserSessions));
  if (dependencies.hasMcp) {
    // Loaded where it is wanted: it is larger than the rest.
    const { mcpRoutes } = await import("./mcp/routes.ts");
    await app.register(mcpRoutes(dependencies));
  }
  return app;
}
