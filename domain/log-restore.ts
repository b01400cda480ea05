import type { DomainEvent } from "./decider.ts";

/** The log went back to an earlier day, on purpose: what follows is another history than the one that was lost. */
export interface LogRestore {
  readonly at: number;
  /** What it was restored from; null where that was done by other means, which tell nothing. */
  readonly backup: {
    /** The id that the log had before. */
    readonly logId: string;
    /** The last position that the backup holds. */
    readonly position: string;
    readonly madeAt: number;
  } | null;
  /** Whether grants, sessions and signing keys from before live on. */
  readonly grantsKept: boolean;
}

export type LogRestoreEvent = DomainEvent<"log.restored", LogRestore>;
