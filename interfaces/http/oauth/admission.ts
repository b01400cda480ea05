import type { Clock } from "../../../application/ports/clock.ts";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createBoundedQueue } from "../../../infrastructure/bounded/queue.ts";

/** As many at once as share one fsync with profit; others wait for less than half of what those take under full load. */
const limits = { running: 128, waiting: 192, patience: 60 };

/** Milliseconds until those are told who were turned away: told at once, they would be back at once, and keep all waiting. */
const holdBack = 500;

/**
 * Lets requests in that write to the log. A load that outruns the disk or the processor is answered with 503 after half a
 * second, instead of making everybody wait longer and longer.
 */
export function createAdmission({ sleep }: Pick<Clock, "sleep">) {
  const inTurn = createBoundedQueue(limits);
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    let isIn = false;
    try {
      return await inTurn(() => {
        isIn = true;
        return work();
      });
    } catch (error) {
      if (!isIn && error instanceof Unavailable) await sleep(holdBack);
      throw error;
    }
  };
}
