import type { Logger } from "pino";
import type { Clock } from "../../../application/ports/clock.ts";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createBoundedQueue } from "../../../infrastructure/bounded/queue.ts";

/** As many at once as share one fsync with profit; others wait for less than half of what those take under full load. */
const limits = { running: 128, waiting: 192, patience: 60 };

/** Milliseconds until those are told who were turned away: told at once, they would be back at once, and keep all waiting. */
const holdBack = 500;

/** There is too much to do. It is told in the log by those that count, not one by one. */
export class Overloaded extends Unavailable {
  override readonly name = "Overloaded";
}

/** Milliseconds between two lines of the log that say how many were turned away. */
const told = 1_000;

/** Who may write to the log, when there is more to write than can be written. */
export interface Admission {
  /** Does work that writes when it is its turn. @throws {Overloaded} where that does not come soon */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Answers a request; one that was turned away after half a second. */
  holdingBack<Result>(answer: () => Promise<Result>): Promise<Result>;
}

/**
 * Lets requests in that write to the log. A load that outruns the disk or the processor is told so, instead of making
 * everybody wait longer and longer.
 */
export function createAdmission({ sleep }: Pick<Clock, "sleep">, logger: Pick<Logger, "warn">): Admission {
  const queue = createBoundedQueue(limits);
  let turnedAway = 0;

  function count(): void {
    turnedAway += 1;
    if (turnedAway > 1) return;
    setTimeout(() => {
      logger.warn({ turnedAway }, `${turnedAway} token requests were turned away: there is too much to do`);
      turnedAway = 0;
    }, told).unref();
  }

  return {
    async inTurn(work) {
      let isIn = false;
      try {
        return await queue(() => {
          isIn = true;
          return work();
        });
      } catch (error) {
        if (isIn || !(error instanceof Unavailable)) throw error;
        count();
        throw new Overloaded(error.message);
      }
    },
    async holdingBack(answer) {
      try {
        return await answer();
      } catch (error) {
        if (error instanceof Overloaded) await sleep(holdBack);
        throw error;
      }
    },
  };
}
