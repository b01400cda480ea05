import { timeText } from "../../events/words/words.ts";
import type { RecordWriter } from "./formats.ts";
import type { AuditRecord } from "./record.ts";

function line({ cursor, stored, data, personal }: AuditRecord): string {
  const { position, time, id, stream, revision, type, version, metadata } = stored;
  return `${JSON.stringify({
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
  })}\n`;
}

/** One JSON object a line. */
export const ndjsonWriter = (): RecordWriter => ({ header: "", line });
