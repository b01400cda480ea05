import type { FastifyInstance } from "fastify";

/** What every answer tells browsers: nothing here is to be embedded, sniffed or referred from. Pages say more. */
const securityHeaders = {
  "content-security-policy": "default-src 'none';frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * Adds them as constants; helmet works them out anew for each request. Left out on purpose: Cross-Origin-Opener-Policy,
 * as a sign-in in a pop-up must be able to report back to the client that opened it, Cross-Origin-Resource-Policy, as
 * pages of other origins read the public documents, and what only browsers of long ago knew.
 */
export function addSecurityHeaders(app: FastifyInstance, isHttps: boolean): void {
  const headers = isHttps
    ? { ...securityHeaders, "strict-transport-security": "max-age=31536000; includeSubDomains" }
    : securityHeaders;
  app.addHook("onRequest", (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
}
