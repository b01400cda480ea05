import type { DomainEvent } from "../domain/decider.ts";
import { decode, encode } from "./events/catalog.ts";
import type { AppendResult, EventMetadata, EventStore, StoredEvent } from "./ports/event-store.ts";
import type { Secrets } from "./ports/secrets.ts";

/** The end of a stream: its last event, that event's revision (-1 where there is none) and position. */
export interface StreamEnd {
  readonly event: DomainEvent | undefined;
  readonly revision: number;
  readonly position: bigint;
}

/** The end of a stream that was never appended to. */
export const emptyStream: StreamEnd = { event: undefined, revision: -1, position: 0n };

/** The log in terms of domain events. */
export interface Log {
  /** The last event of a stream: one read, however long the stream is. */
  last(stream: string): Promise<StreamEnd>;
  /** The event at one revision, not read again where it is the known end; undefined where there is none. */
  at(stream: string, revision: number, end: StreamEnd): Promise<DomainEvent | undefined>;
  /** The newest events of a stream in order, at most `limit`. */
  recent(stream: string, limit: number): Promise<readonly StoredEvent[]>;
  /** The position of the last event ever appended. */
  end(): Promise<bigint>;
  append(
    stream: string,
    events: readonly DomainEvent[],
    expectedRevision: number,
    metadata: EventMetadata,
  ): Promise<AppendResult>;
}

/** The log over an event store; every event that goes in or out is checked by its schema. */
export function createLog(store: EventStore, secrets: Pick<Secrets, "newEventId">): Log {
  return {
    async last(stream) {
      const [stored] = await store.read(stream, { direction: "backwards", limit: 1 });
      if (!stored) return emptyStream;
      return { event: decode(stored), revision: stored.revision, position: stored.position };
    },
    async at(stream, revision, end) {
      if (revision >= end.revision) return revision === end.revision ? end.event : undefined;
      const [stored] = await store.read(stream, { direction: "forwards", from: revision, limit: 1 });
      return stored && stored.revision === revision ? decode(stored) : undefined;
    },
    async recent(stream, limit) {
      return [...(await store.read(stream, { direction: "backwards", limit }))].reverse();
    },
    end: () => store.lastPosition(),
    append: (stream, events, expectedRevision, metadata) =>
      store.append(
        stream,
        events.map((event) => encode(event, secrets.newEventId(), metadata)),
        expectedRevision,
      ),
  };
}
