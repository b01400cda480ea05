import type { DomainEvent } from "./decider.ts";

/** An operator asks for a stream that could not be projected to be tried again; null for all. */
export type ProjectionRetryEvent = DomainEvent<
  "projection.retried",
  { readonly stream: string | null; readonly at: number }
>;
