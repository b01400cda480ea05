import { Unavailable } from "../../application/ports/event-store.ts";

/** Runs work, at most `running` at once; `waiting` more wait for their turn and the rest is refused. */
export function createBoundedQueue({ running, waiting }: { running: number; waiting: number }) {
  const queue: (() => void)[] = [];
  let active = 0;

  async function takeTurn(): Promise<void> {
    if (active < running) {
      active += 1;
      return;
    }
    if (queue.length >= waiting) throw new Unavailable("Too many are waiting for their turn");
    await new Promise<void>((resolve) => queue.push(resolve));
  }

  function passTurn(): void {
    const next = queue.shift();
    if (next) next();
    else active -= 1;
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
