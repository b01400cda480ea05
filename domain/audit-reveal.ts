import type { DomainEvent } from "./decider.ts";

/** In which form the log is given out. */
export type ExportFormat = "ndjson" | "csv" | "ocsf";

/** Personal fields of the log were given out in the clear; why, and of which part of it. Times are epoch milliseconds. */
export interface AuditReveal {
  readonly at: number;
  readonly format: ExportFormat;
  /** In the words of whoever asked. */
  readonly reason: string;
  readonly since: number | null;
  readonly until: number | null;
  /** The cursor after which it began. */
  readonly after: string | null;
  /** How the types of events began that were asked for; none for all. */
  readonly types: readonly string[];
}

export type AuditRevealEvent = DomainEvent<"audit.revealed", AuditReveal>;

/** Whether this is a reason: 3 to 200 printable characters. */
export const isRevealReason = (text: string): boolean => /^[^\p{C}]{3,200}$/u.test(text.trim());
