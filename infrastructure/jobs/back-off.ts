/** How a failed run is retried: first soon, then after twice as long each time, until the next interval is there. */
export interface BackOff {
  /** Before the first retry, ms. */
  readonly first: number;
  /** How many retries fit into the interval. */
  readonly retries: number;
}

/** The back-off of a job that runs at this interval. */
export function backOffFor(interval: number): BackOff {
  const first = Math.min(1_000, interval / 4);
  return { first, retries: Math.floor(Math.log2(interval / first + 1)) };
}
