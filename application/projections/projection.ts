import type { DomainEvent } from "../../domain/decider.ts";
import type { Put } from "../ports/read-models.ts";

/** What one event writes into one collection; `expiresAt` is when the document is of no use any more (epoch ms). */
export interface Write {
  readonly id: string;
  readonly document: object;
  readonly indexes?: Readonly<Record<string, string>>;
  readonly expiresAt?: number | null;
}

type Handlers<Event extends DomainEvent> = {
  readonly [Type in Event["type"]]: (
    data: Extract<Event, { type: Type }>["data"],
    eventId: string,
  ) => Write | undefined;
};

/** One read model: which events it handles, and what each of them writes. */
export interface Projection {
  readonly collection: string;
  /** Raised whenever what is written changes; a raise rebuilds the read models. */
  readonly version: number;
  readonly handles: ReadonlySet<string>;
  handle(event: DomainEvent, eventId: string): Put | undefined;
}

/** Declares a projection. The handlers name each event of the aggregate, so that none can be forgotten. */
export function projection<Event extends DomainEvent>(
  collection: string,
  version: number,
  handlers: Handlers<Event>,
): Projection {
  const byType = new Map(Object.entries(handlers)) as Map<
    string,
    (data: unknown, eventId: string) => Write | undefined
  >;
  return {
    collection,
    version,
    handles: new Set(byType.keys()),
    handle(event, eventId) {
      const write = byType.get(event.type)?.(event.data, eventId);
      if (!write) return undefined;
      const { id, document, indexes = {}, expiresAt = null } = write;
      return { collection, id, document: document as Put["document"], indexes, expiresAt };
    },
  };
}
