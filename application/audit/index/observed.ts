import type { DomainEvent } from "../../../domain/decider.ts";
import type { StoredEvent } from "../../ports/event-store.ts";
import type { Network } from "./origin.ts";

/** An event as those see it who count and notice: as stored, as today's code reads it, and from where it came. */
export interface Observed {
  readonly stored: StoredEvent;
  readonly event: DomainEvent;
  readonly network: Network | undefined;
}

/** What detectors remember from event to event. */
export interface Recall {
  get(key: string): string | undefined;
  /** `owner`: the person whom it is about, with whom it is forgotten. */
  set(key: string, value: string, owner?: string | null): void;
  forget(key: string): void;
}
