/**
 * Who was erased, kept outside the log: a log that is restored from a backup knows nothing of the erasures since, and
 * must repeat them before it serves.
 */
export interface ErasureList {
  /** Ids of users, the first first. */
  all(): Promise<readonly string[]>;
  /** Returns when it is durable; a user who is in the list already stays there once. */
  add(userId: string): Promise<void>;
}
