import type { Log } from "../../application/log.ts";
import type { StoredEvent } from "../../application/ports/event-store.ts";
import { isSampled } from "./traceparent.ts";
import type { Tracing } from "./tracing.ts";

/** The kind of a stream: what stands before its id. */
const kindOf = (stream: string): string => stream.split("-", 1)[0] ?? stream;

/** The log, with a span for each append, which goes on from the one of its request and is what its events carry on. */
export function tracedLog(log: Log, tracing: Tracing): Log {
  return {
    ...log,
    async append(stream, events, expectedRevision, metadata) {
      const types = events.map(({ type }) => type);
      const span = tracing.begin({
        name: `append ${kindOf(stream)}`,
        kind: "internal",
        traceparent: metadata.traceparent,
        attributes: { "dacapo.event_types": types, "dacapo.correlation_id": metadata.correlationId },
      });
      try {
        const appended = await log.append(stream, events, expectedRevision, {
          ...metadata,
          traceparent: span.traceparent,
        });
        span.end({ "dacapo.position": String(appended.position) });
        return appended;
      } catch (error) {
        span.end({}, error instanceof Error ? error.name : "Error");
        throw error;
      }
    },
  };
}

/**
 * A span for each event that the projector carried and whose trace is kept: from when its batch was begun until it was held.
 * @param startedAt epoch ms
 */
export function traceProjected(tracing: Tracing, events: readonly StoredEvent[], startedAt: number): void {
  for (const { type, position, metadata } of events) {
    if (metadata.traceparent === undefined || !isSampled(metadata.traceparent)) continue;
    tracing
      .begin({
        name: `project ${type}`,
        kind: "consumer",
        traceparent: metadata.traceparent,
        attributes: { "dacapo.position": String(position), "dacapo.correlation_id": metadata.correlationId },
        startedAt,
      })
      .end();
  }
}
