import fastify, { type FastifyInstance, type FastifyReply } from "fastify";
import { sendNotReady } from "./health.ts";

/**
 * Answers while nothing can be served yet because an engine cannot be reached: alive, not ready, and 503 to all else.
 * `listen` is up to the caller.
 */
export function createWaitingServer(reason: () => string): FastifyInstance {
  const app = fastify({ forceCloseConnections: true });
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
