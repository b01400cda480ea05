import helmet from "@fastify/helmet";
import type { FastifyInstance } from "fastify";

/**
 * Adds the headers that browsers heed to every answer; pages say more. There is nothing here to embed or to sniff, and
 * nothing to keep unless its route says so. No Permissions-Policy: without scripts and frames nothing could ask for a
 * permission.
 */
export async function addSecurityHeaders(app: FastifyInstance, isHttps: boolean): Promise<void> {
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    frameguard: { action: "deny" },
    referrerPolicy: { policy: "no-referrer" },
    // What other hosts below this one speak is not ours to say.
    strictTransportSecurity: isHttps ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    // A sign-in that a client opened in a pop-up must be able to report back to it.
    crossOriginOpenerPolicy: false,
    // Public documents are read by pages of other origins.
    crossOriginResourcePolicy: false,
  });
}
