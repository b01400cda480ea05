import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import helmet, { type HelmetOptions } from "helmet";
import { isLoopbackHost } from "../../infrastructure/network/addresses.ts";

/** The headers that helmet gives to an answer. They are the same each time, and made anew each time they take 5 µs. */
function helmetHeaders(options: HelmetOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  const answer = {
    setHeader(name: string, value: string) {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  helmet(options)({} as IncomingMessage, answer as unknown as ServerResponse, (error) => {
    if (error) throw error;
  });
  return headers;
}

/**
 * For the host of an https issuer, whoever speaks its TLS. On a loopback name it would be kept for every other server of this machine,
 * whatever its port. What other hosts below this one speak is not ours to say: that, and the preload list, are for the domain's owner.
 */
function hstsOf(issuer: string): NonNullable<HelmetOptions["strictTransportSecurity"]> {
  const { protocol, hostname } = new URL(issuer);
  const isMeant = protocol === "https:" && !isLoopbackHost(hostname);
  return isMeant ? { maxAge: 31_536_000, includeSubDomains: false } : false;
}

/**
 * Adds the headers that browsers heed to every answer; pages say more. There is nothing here to embed or to sniff, and
 * nothing to keep unless its route says so. No Permissions-Policy: without scripts and frames nothing could ask for a
 * permission.
 */
export function addSecurityHeaders(app: FastifyInstance, issuer: string): void {
  const headers = {
    "cache-control": "no-store",
    ...helmetHeaders({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      },
      frameguard: { action: "deny" },
      referrerPolicy: { policy: "no-referrer" },
      strictTransportSecurity: hstsOf(issuer),
      // A sign-in that a client opened in a pop-up must be able to report back to it.
      crossOriginOpenerPolicy: false,
      // What no browser of today heeds, or only pages could need, which say it themselves.
      xDownloadOptions: false,
      xDnsPrefetchControl: false,
      xPermittedCrossDomainPolicies: false,
      xXssProtection: false,
      originAgentCluster: false,
      // Public documents are read by pages of other origins.
      crossOriginResourcePolicy: false,
    }),
  };
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}
