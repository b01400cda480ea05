import { decode } from "../events/catalog.ts";
import { sentenceOf } from "../events/words/index.ts";
import { type StoredEvent, Unavailable } from "../ports/event-store.ts";

/** One thing that an answer rests on, and the event that says so. */
export interface Reason {
  /** Whether it speaks for what was asked. */
  readonly holds: boolean;
  readonly text: string;
  /** `stream@revision`; null for what no single event says. */
  readonly event: string | null;
}

/** An event, named so that whoever doubts can look it up. */
export interface Citation {
  readonly event: string;
  readonly id: string;
  readonly position: bigint;
  readonly time: number;
  readonly type: string;
}

/** The name by which an event is cited. */
export const nameOf = ({ stream, revision }: Pick<StoredEvent, "stream" | "revision">): string =>
  `${stream}@${revision}`;

/** What an event says, as a sentence; its type alone where this version cannot read it. */
export function sentenceFor(stored: StoredEvent): string {
  try {
    return sentenceOf(decode(stored));
  } catch (error) {
    if (error instanceof Unavailable) return `${stored.type} (${error.message})`;
    throw error;
  }
}

/** Gathers reasons, and the events that they name. */
export class Reasons {
  readonly #reasons: Reason[] = [];
  readonly #events = new Map<string, StoredEvent>();

  /** An event is cited with what it says. */
  add(holds: boolean, text: string, event?: StoredEvent): void {
    if (event) this.#events.set(nameOf(event), event);
    this.#reasons.push({
      holds,
      text: event ? `${text}: ${sentenceFor(event)}` : text,
      event: event ? nameOf(event) : null,
    });
  }

  /** Whether nothing speaks against it. */
  get allHold(): boolean {
    return this.#reasons.every(({ holds }) => holds);
  }

  get all(): readonly Reason[] {
    return this.#reasons;
  }

  /** In the order of the log. */
  get events(): readonly Citation[] {
    const citations = [...this.#events.values()].map(({ id, position, time, type, stream, revision }) => ({
      event: nameOf({ stream, revision }),
      id,
      position,
      time,
      type,
    }));
    return citations.sort((one, other) => (one.position < other.position ? -1 : 1));
  }
}
