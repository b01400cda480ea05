import { setTimeout as sleep } from "node:timers/promises";
import { ErrorType } from "@eventstore/db-client";
import { isFinal, isOfType, NoAnswer, unavailable } from "./failure.ts";

/** How long the server may take, in milliseconds. */
export interface Patience {
  readonly perTry: number;
  readonly total: number;
}

const firstPause = 20;
const longestPause = 1_000;

/** A pause that grows with the failures; about half of it is chance. */
export function pauseAfter(failures: number): number {
  const pause = Math.min(longestPause, firstPause * 2 ** Math.max(0, failures - 1));
  return pause * (0.5 + Math.random() / 2);
}

/** @throws {NoAnswer} */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NoAnswer(milliseconds)), milliseconds);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Tries until there is an answer, with pauses.
 * @param attempt is given the milliseconds that it may take
 * @throws {Unavailable} where there is none in all the time; else what the attempt throws
 */
export async function persist<T>(
  { perTry, total }: Patience,
  attempt: (milliseconds: number) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + total;
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt(Math.max(1, Math.min(perTry, deadline - performance.now())));
    } catch (error) {
      if (isOfType(error, ErrorType.ACCESS_DENIED)) throw unavailable(error);
      if (isFinal(error)) throw error;
      const pause = pauseAfter(failures);
      if (performance.now() + pause >= deadline) throw unavailable(error);
      await sleep(pause);
    }
  }
}
