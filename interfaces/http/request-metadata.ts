import type { FastifyRequest } from "fastify";
import type { EventMetadata } from "../../application/ports/event-store.ts";
import type { SessionOrigin } from "../../application/session-origin.ts";
import { withoutPort } from "../../infrastructure/network/addresses.ts";

const traceparentForm = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** Who caused what this request leads to, and in which request. */
export function metadataOf(request: FastifyRequest, actor: string): EventMetadata {
  const traceparent = request.headers.traceparent;
  const isTraced = typeof traceparent === "string" && traceparentForm.test(traceparent);
  return { actor, correlationId: request.id, ...(isTraced ? { traceparent } : {}) };
}

/** The longest User-Agent that is kept, in characters; what is longer tells nothing more. */
const maxAgent = 256;

/** From where a session is opened or used by this request. */
export const originOf = ({ ip, headers }: FastifyRequest): SessionOrigin => ({
  address: withoutPort(ip) ?? "unknown",
  agent: (headers["user-agent"] ?? "").slice(0, maxAgent),
});
