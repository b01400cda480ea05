import type { TlsOptions } from "node:tls";
import fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import type { Config } from "../../infrastructure/config/schema.ts";
import { allowedNetworks, refuseForeignNetworks, trustedProxies } from "./allowed-networks.ts";
import { sendNotReady } from "./health.ts";
import { listenerOptions } from "./listener.ts";
import { tellNoHttp } from "./no-http.ts";

/**
 * Answers while nothing can be served yet because an engine cannot be reached: alive, not ready, 403 to who may not
 * connect, and 503 to all else. `listen` is up to the caller.
 * @param tls makes it an HTTPS server
 */
export function createWaitingServer(
  reason: () => string,
  config: Pick<Config, "allowNetworks" | "adminNetworks" | "trustProxy">,
  tls?: TlsOptions,
): FastifyInstance {
  const app = fastify({
    forceCloseConnections: true,
    trustProxy: trustedProxies(config.trustProxy),
    clientErrorHandler: tellNoHttp,
    ...listenerOptions({}, tls),
  });
  refuseForeignNetworks(app, allowedNetworks(config));
  app.setErrorHandler((_error, _request, reply) =>
    reply
      .code(403)
      .header("cache-control", "no-store")
      .send({ error: "access_denied", error_description: "This network may not use this server" }),
  );
  app.get("/livez", async () => ({ status: "alive" }));
  for (const path of ["/health", "/readyz"])
    app.get(path, (_request, reply: FastifyReply) => sendNotReady(reply, [reason()]));
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(503)
      .headers({ "cache-control": "no-store", "retry-after": "1" })
      .send({ error: "temporarily_unavailable", error_description: "The server is starting; try again" }),
  );
  return app;
}
