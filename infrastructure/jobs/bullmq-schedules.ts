import type { Queue } from "bullmq";
import { systemClock } from "../clock.ts";
import { backOffFor } from "./back-off.ts";

/** How many runs that are over are remembered. */
const remembered = { count: 200 };

/** How often a schedule is looked for in a Redis that may have lost it (ms). */
const pause = { min: 1_000, max: 60_000 };

async function put(queue: Queue, name: string, interval: number): Promise<void> {
  const { first, retries } = backOffFor(interval);
  await queue.upsertJobScheduler(
    name,
    { every: interval, startDate: Date.now() + interval },
    {
      name,
      opts: {
        attempts: retries + 1,
        backoff: { type: "exponential", delay: first },
        removeOnComplete: remembered,
        removeOnFail: remembered,
      },
    },
  );
}

export interface Keeping {
  readonly signal: AbortSignal;
  /** It is in Redis for the first time. */
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Sees to it that a schedule is in Redis, at first and whenever that has lost it, until the signal is aborted. */
export async function keepScheduled(
  queue: Queue,
  name: string,
  interval: number,
  { signal, done, failed }: Keeping,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const known = await queue.getJobScheduler(name);
      if (known?.every !== interval) await put(queue, name, interval);
      done();
      await systemClock.sleep(Math.min(Math.max(interval, pause.min), pause.max), signal);
    } catch (error) {
      failed(error);
      await systemClock.sleep(pause.min, signal);
    }
  }
}
