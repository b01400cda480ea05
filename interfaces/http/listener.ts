import type { ServerOptions } from "node:http";
import type { TlsOptions } from "node:tls";

/** What Fastify makes its listener of: one of HTTP, or of HTTPS where there is a certificate. */
export const listenerOptions = (http: ServerOptions, tls: TlsOptions | undefined) =>
  // To Fastify's types an HTTPS server is another kind of app; to what is built on it there is no difference.
  (tls === undefined ? { http } : { https: { ...http, ...tls } }) as { readonly http: ServerOptions };
