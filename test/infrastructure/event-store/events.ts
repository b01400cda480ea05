import { randomUUID } from "node:crypto";
import type { EventStore, NewEvent, StoredEvent } from "../../../application/ports/event-store.ts";

/** An event that holds this. */
export function event(data: unknown = {}): NewEvent {
  return {
    id: randomUUID(),
    type: "test.happened",
    version: 1,
    data,
    metadata: { actor: "system", correlationId: randomUUID() },
  };
}

/** That many events, numbered from 0. */
export function events(count: number): NewEvent[] {
  return Array.from({ length: count }, (_, number) => event({ number }));
}

export function newStream(): string {
  return `test-${randomUUID()}`;
}

/** The first events that a subscription brings of those that are wanted; ends it. */
export async function take(
  store: EventStore,
  after: bigint,
  count: number,
  wanted: (event: StoredEvent) => boolean = () => true,
): Promise<StoredEvent[]> {
  const ended = new AbortController();
  const taken: StoredEvent[] = [];
  for await (const batch of store.subscribe(after, ended.signal)) {
    taken.push(...batch.filter(wanted));
    if (taken.length >= count) ended.abort();
  }
  return taken;
}
