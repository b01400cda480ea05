/** How often something was counted in its window, and in how many milliseconds the window ends. */
export interface Count {
  readonly count: number;
  readonly endsIn: number;
}

/**
 * Counters that forget: the window of each begins with its first count. A key is a sort, of which there are few, a
 * colon, and what says nothing of anybody.
 */
export interface Counters {
  /** Counts once more, or `by` times; a new window lasts so many seconds. */
  add(key: string, window: number, by?: number): Promise<Count>;
  forget(key: string): Promise<void>;
}

/** Counters that hold a connection. */
export interface ConnectedCounters extends Counters {
  close(): Promise<void>;
}
