import type { FastifyCorsOptions } from "@fastify/cors";
import type { FastifyRequest } from "fastify";

const openToAll = /^\/(?:openapi\.json|auth\/(?:token|revoke|register|jwks)|(?:auth\/)?\.well-known\/)/;
const pages = /^\/auth\/(?:authorize|login|logout|consent|account|assets)/;

const common = {
  allowedHeaders: [
    "Authorization",
    "Content-Type",
    "Last-Event-ID",
    "MCP-Protocol-Version",
    "Mcp-Method",
    "Mcp-Name",
    "Mcp-Session-Id",
  ],
  exposedHeaders: ["WWW-Authenticate", "Mcp-Session-Id"],
  maxAge: 600,
  // A bare OPTIONS is no error that the plugin would tell in words of its own.
  strictPreflight: false,
};

const administrative = /^\/admin\//;

/** What the admin API takes and says beside that. */
const commonToAdministrators = {
  ...common,
  allowedHeaders: [...common.allowedHeaders, "Idempotency-Key"],
  exposedHeaders: [...common.exposedHeaders, "Link", "Location"],
};

/**
 * Token, revocation, registration, discovery and keys are for every origin, pages for none, the rest by the list. A
 * request without an origin needs no permission, but a cache may keep what is for all and give it to one that does.
 */
export function corsByRequest(
  corsOrigins: readonly string[],
): (request: FastifyRequest) => FastifyCorsOptions {
  const forAll = { ...common, origin: "*", methods: ["GET", "POST", "PUT", "DELETE"] };
  const forListed = { ...common, origin: [...corsOrigins], methods: ["GET", "POST", "PUT", "DELETE"] };
  const forAdministrators = { ...forListed, ...commonToAdministrators };
  const forNone = { origin: false };
  return ({ url, headers }) => {
    if (openToAll.test(url)) return forAll;
    if (headers.origin === undefined || pages.test(url)) return forNone;
    return administrative.test(url) ? forAdministrators : forListed;
  };
}
