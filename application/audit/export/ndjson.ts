import { timeText } from "../../events/words/words.ts";
import type { RecordWriter } from "./formats.ts";
import type { AuditRecord } from "./record.ts";

/** A record as a JSON object. */
export function recordFacts({ cursor, stored, data, personal }: AuditRecord) {
  const { position, time, id, stream, revision, type, version, metadata } = stored;
  return {
    cursor,
    // As text: it may exceed what a JSON number holds exactly.
    position: String(position),
    time: timeText(time),
    id,
    stream,
    revision,
    type,
    version,
    actor: metadata.actor,
    correlation_id: metadata.correlationId,
    causation_id: metadata.causationId,
    traceparent: metadata.traceparent,
    data,
    ...(personal && { revealed: true, personal }),
  };
}

const line = (record: AuditRecord): string => `${JSON.stringify(recordFacts(record))}\n`;

/** One JSON object a line. */
export const ndjsonWriter = (): RecordWriter => ({ header: "", line });
