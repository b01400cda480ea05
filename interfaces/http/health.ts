import type { FastifyPluginAsync, FastifyReply } from "fastify";
import type { HttpDependencies } from "./dependencies.ts";

/** Says why nothing can be served yet. */
export const sendNotReady = (reply: FastifyReply, reasons: readonly string[]): FastifyReply =>
  reply
    .code(503)
    .headers({ "cache-control": "no-store", "retry-after": "1" })
    .send({ status: "not ready", reasons });

/** GET /health, /livez and /readyz. */
export const probeRoutes =
  (notReady: () => readonly string[]): FastifyPluginAsync =>
  async (app) => {
    app.get("/livez", async () => ({ status: "alive" }));
    for (const path of ["/health", "/readyz"])
      app.get(path, async (_request, reply) => {
        const reasons = notReady();
        return reasons.length === 0
          ? reply.header("cache-control", "no-store").send({ status: "ready" })
          : sendNotReady(reply, reasons);
      });
  };

/** GET /, and the probes. */
export const healthRoutes =
  ({ context, notReady, version }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    const { issuer } = context.policy;
    app.get("/", async () => ({
      service: "dacapo",
      version,
      endpoints: {
        authorization: `${issuer}/auth/authorize`,
        token: `${issuer}/auth/token`,
        introspection: `${issuer}/auth/introspect`,
        revocation: `${issuer}/auth/revoke`,
        registration: `${issuer}/auth/register`,
        keys: `${issuer}/auth/jwks`,
        metadata: `${issuer}/.well-known/oauth-authorization-server`,
        health: `${issuer}/health`,
      },
    }));

    await app.register(probeRoutes(notReady));
  };
