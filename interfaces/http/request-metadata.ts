import type { FastifyRequest } from "fastify";
import type { EventMetadata } from "../../application/ports/event-store.ts";

const traceparentForm = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** Who caused what this request leads to, and in which request. */
export function metadataOf(request: FastifyRequest, actor: string): EventMetadata {
  const traceparent = request.headers.traceparent;
  const isTraced = typeof traceparent === "string" && traceparentForm.test(traceparent);
  return { actor, correlationId: request.id, ...(isTraced ? { traceparent } : {}) };
}
