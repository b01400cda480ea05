/** One run of a job. */
export interface JobRun {
  /** Aborted when the process stops: the work ends soon, another run goes on. */
  readonly signal: AbortSignal;
  /** Tells how much was done so far, for whoever watches. */
  progress(done: number): Promise<void>;
}

/** Work that runs beside requests. A job finds by itself what there is to do and is idempotent: it may be killed in the
 * middle, run twice and on any process. */
export interface Jobs {
  /**
   * Runs `work` every `interval` ms from now on, in one process of the deployment at a time where the engine can see to
   * that; a failed run is retried with back-off, at the latest by the next one.
   */
  schedule(name: string, interval: number, work: (run: JobRun) => Promise<void>): Promise<void>;
  /** Runs by their state, of the whole deployment where the engine knows; where not, the active ones of this process. */
  counts(): Promise<Readonly<Record<string, number>>>;
  /** Starts no more runs and waits for those under way. */
  close(): Promise<void>;
}
