/** Work that runs beside requests. A job is idempotent: it may run twice and on any process. */
export interface Jobs {
  /** Runs `work` every `interval` ms from now on; one run at a time, a failed one is retried at the next. */
  schedule(name: string, interval: number, work: () => Promise<void>): void;
  /** Starts no more runs and waits for those under way. */
  close(): Promise<void>;
}
