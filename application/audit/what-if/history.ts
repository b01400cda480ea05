import type { DomainEvent } from "../../../domain/decider.ts";
import { decode, UnreadableEvent } from "../../events/catalog.ts";
import type { EventStore, StoredEvent } from "../../ports/event-store.ts";

/** What stood in a stream before something happened. Each event holds the whole state that it left behind. */
export interface History {
  /** The event before this one in its stream; undefined where there is none, or it was removed or cannot be read. */
  before(event: StoredEvent): Promise<DomainEvent | undefined>;
  /** The last event of a stream before a position. */
  lastBefore(stream: string, position: bigint): Promise<DomainEvent | undefined>;
  /** The event at a revision of a stream. */
  at(stream: string, revision: number): Promise<DomainEvent | undefined>;
  /** Takes note of an event, each in the order of the log. */
  pass(event: StoredEvent): void;
}

/** How many streams' last events are kept in memory; the others are read again. */
const maxKept = 10_000;

/** An event in today's form; undefined where this version cannot read it. */
export function readable(event: StoredEvent | undefined): DomainEvent | undefined {
  try {
    return event && decode(event);
  } catch (error) {
    if (error instanceof UnreadableEvent) return undefined;
    throw error;
  }
}

/** Builds the history over a store. */
export function createHistory(store: Pick<EventStore, "read">): History {
  const kept = new Map<string, StoredEvent>();

  function keep(event: StoredEvent): void {
    kept.delete(event.stream);
    kept.set(event.stream, event);
    if (kept.size <= maxKept) return;
    for (const oldest of kept.keys()) return void kept.delete(oldest);
  }

  /** The first event at or after a revision. */
  const readFrom = async (stream: string, from: number) =>
    (await store.read(stream, { direction: "forwards", from, limit: 1 }))[0];

  async function read(stream: string, revision: number): Promise<StoredEvent | undefined> {
    const event = revision < 0 ? undefined : await readFrom(stream, revision);
    return event?.revision === revision ? event : undefined;
  }

  /** Halves what is between the beginning of the stream and an event at or beyond the position. */
  async function search(stream: string, position: bigint, beyond: number): Promise<StoredEvent | undefined> {
    let found: StoredEvent | undefined;
    let low = 0;
    let high = beyond;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const event = await readFrom(stream, middle);
      if (event && event.position < position) {
        found = event;
        low = event.revision + 1;
      } else high = middle;
    }
    return found;
  }

  return {
    async before({ stream, revision }) {
      const known = kept.get(stream);
      return readable(known?.revision === revision - 1 ? known : await read(stream, revision - 1));
    },
    async lastBefore(stream, position) {
      const known = kept.get(stream);
      if (known) return readable(known);
      const [last] = await store.read(stream, { direction: "backwards", limit: 1 });
      const found = !last || last.position < position ? last : await search(stream, position, last.revision);
      if (found) keep(found);
      return readable(found);
    },
    async at(stream, revision) {
      const known = kept.get(stream);
      return readable(known?.revision === revision ? known : await read(stream, revision));
    },
    pass: keep,
  };
}
