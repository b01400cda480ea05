import type { FastifyRequest } from "fastify";
import type { EventMetadata } from "../../application/ports/event-store.ts";
import type { SessionOrigin } from "../../application/session-origin.ts";
import { withoutPort } from "../../infrastructure/network/addresses.ts";
import { isTraceparent } from "../../infrastructure/telemetry/traceparent.ts";

/** Who caused what this request leads to, and in which request. */
export function metadataOf(request: FastifyRequest, actor: string): EventMetadata {
  const { span, headers } = request;
  const traceparent = span?.traceparent ?? headers.traceparent;
  return { actor, correlationId: request.id, ...(isTraceparent(traceparent) ? { traceparent } : {}) };
}

/** The longest User-Agent that is kept, in characters; what is longer tells nothing more. */
const maxAgent = 256;

/** From where a session is opened or used by this request. */
export const originOf = ({ ip, headers }: FastifyRequest): SessionOrigin => ({
  address: withoutPort(ip) ?? "unknown",
  agent: (headers["user-agent"] ?? "").slice(0, maxAgent),
});
