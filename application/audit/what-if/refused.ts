/** Why something would have been refused first. */
export interface FirstRefusal {
  readonly rule: string;
  /** Of the event that would not have been. */
  readonly position: bigint;
  /** From which revision of its grant on nothing would have been; 0 for a session. */
  readonly revision: number;
  /** Whether it would have been ended to make room for another session, and nothing was refused yet. */
  readonly isEviction: boolean;
}

/** Who would have been hit, and how often. */
export interface Hit {
  readonly id: string;
  readonly refused: number;
}

/** Grants and sessions that would have been refused, and whom that would have hit; kept out of memory. */
export interface RefusedTable {
  /** The first refusal of a grant or session counts. */
  refuse(what: "grant" | "session", id: string, refusal: FirstRefusal): void;
  find(what: "grant" | "session", id: string): FirstRefusal | undefined;
  hit(what: "client" | "user", id: string): void;
  /** How many were hit, and those hit most. */
  hits(what: "client" | "user", limit: number): { readonly count: number; readonly most: readonly Hit[] };
  close(): void;
}
