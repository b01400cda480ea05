import {
  type EventData,
  jsonEvent,
  type Position,
  type RecordedEvent,
  type ResolvedEvent,
} from "@eventstore/db-client";
import {
  type EventMetadata,
  type NewEvent,
  type StoredEvent,
  Unavailable,
} from "../../../application/ports/event-store.ts";
import { toJson } from "../json.ts";
import { prefix, shown } from "./names.ts";

/** An event for the database; its version and time go with the metadata. @throws {TypeError} where it is no JSON value */
export function encode({ id, type, version, data, metadata, time }: NewEvent, now: number): EventData {
  return jsonEvent({
    id,
    type,
    data: plain(type, data) as never,
    metadata: { ...(plain(type, metadata) as object), version, time: time ?? now },
  });
}

/** An event of the log; undefined where it is the database's own or somebody else's. */
export function decode({ event }: ResolvedEvent): StoredEvent | undefined {
  if (!isOurs(event)) return undefined;
  const { version, time, ...metadata } = metadataOf(event);
  return {
    id: event.id,
    type: event.type,
    version,
    data: event.data,
    metadata,
    stream: shown(event.streamId),
    revision: Number(event.revision),
    position: committed(event.position),
    time,
  };
}

/** Whether an event is one of the log's, which a tombstone is not. */
export function isOurs(event: RecordedEvent | undefined): event is RecordedEvent {
  return event?.streamId.startsWith(prefix) === true && !event.type.startsWith("$");
}

function metadataOf({ metadata, created }: RecordedEvent): EventMetadata & { version: number; time: number } {
  const nobody = { actor: "unknown", correlationId: "unknown", version: 1, time: created.getTime() };
  return metadata === undefined || metadata instanceof Uint8Array
    ? nobody
    : { ...nobody, ...(metadata as object) };
}

// The client never answers an append of what JSON cannot hold, and makes the JSON anew at every try.
const plain = (type: string, value: unknown): unknown => JSON.parse(toJson(type, value));

/** The position in the log. Without it nobody could tell when an event is visible. @throws {Unavailable} */
export function committed(position: Position | undefined): bigint {
  if (position === undefined) throw new Unavailable("the event store does not tell the positions of events");
  return position.commit;
}
