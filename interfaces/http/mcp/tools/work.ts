import { setImmediate } from "node:timers/promises";

/** Somebody who waits for work to be done. */
export interface Work {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  /** Told at times how much is done, from 0 to 1. */
  progress(fraction: number): void;
}

/** Milliseconds of work before other requests have their turn, and between two reports. */
const [turn, reportEvery] = [10, 200];

let last: Promise<unknown> = Promise.resolve();

/** All work that is under way takes turns, so that between two of them everything else is looked at. */
function myTurn(): Promise<unknown> {
  last = last.then(() => setImmediate());
  return last;
}

/** Works in turns with everybody else; the result of the last step. @throws the signal's reason */
export async function inTurns<Result>(
  steps: Generator<number, Result>,
  { signal, progress }: Work,
): Promise<Result> {
  await myTurn();
  let began = performance.now();
  let reported = Number.NEGATIVE_INFINITY;
  for (;;) {
    signal.throwIfAborted();
    const { done, value } = steps.next();
    if (done) return value;
    const now = performance.now();
    if (now - began < turn) continue;
    if (now - reported >= reportEvery) {
      progress(value);
      reported = now;
    }
    await myTurn();
    began = performance.now();
  }
}
