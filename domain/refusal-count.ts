import type { DomainEvent } from "./decider.ts";

/** How often requests of one kind by one client were refused within one window. Times are epoch milliseconds. */
export interface RefusalCount {
  readonly kind: string;
  /** Null where no known client asked, or where the window's bound was reached and the rest is summed up. */
  readonly clientId: string | null;
  readonly count: number;
  readonly windowStart: number;
  readonly windowEnd: number;
}

export type RefusalCountEvent = DomainEvent<"refusals.counted", RefusalCount>;
