import { Unavailable } from "../../application/ports/event-store.ts";

export interface QueueLimits {
  /** How many are worked at at once. */
  readonly running: number;
  /** How many more wait for their turn, and how long, in milliseconds; for ever where absent. */
  readonly waiting: number;
  readonly patience?: number;
}

/**
 * Runs work, so much of it at once; so much more waits for its turn, so long. The rest is refused.
 * @throws {Unavailable} from what it answers
 */
export function createBoundedQueue({ running, waiting, patience }: QueueLimits) {
  const queue = new Set<() => void>();
  let active = 0;

  async function waitForTurn(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    queue.add(resolve);
    const giveUp = () => {
      if (queue.delete(resolve)) reject(new Unavailable("It waited too long for its turn"));
    };
    const timer = patience === undefined ? undefined : setTimeout(giveUp, patience);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  async function takeTurn(): Promise<void> {
    if (active < running) {
      active += 1;
      return;
    }
    if (queue.size >= waiting) throw new Unavailable("Too many are waiting for their turn");
    await waitForTurn();
  }

  function passTurn(): void {
    for (const next of queue) {
      queue.delete(next);
      next();
      return;
    }
    active -= 1;
  }

  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    await takeTurn();
    try {
      return await work();
    } finally {
      passTurn();
    }
  };
}
