import type { Clock } from "../../application/ports/clock.ts";
import type { JobRun, Jobs } from "../../application/ports/jobs.ts";
import { backOffFor } from "./back-off.ts";

/** How long a process runs at least, in milliseconds, before it does what is seldom due. */
const soon = 60_000;
/** Between the first runs of two jobs, ms, so that they do not all begin at once. */
const apart = 2_000;

/** Jobs inside this process, one run at a time each; `failed` is told of each run that threw. */
export function createInProcessJobs(
  clock: Pick<Clock, "sleep">,
  failed: (name: string, error: unknown) => void,
): Jobs {
  const stopping = new AbortController();
  const running: Promise<void>[] = [];
  let active = 0;
  const run: JobRun = { signal: stopping.signal, progress: async () => undefined };

  /** Whether it came to its end. */
  async function attempt(name: string, work: (run: JobRun) => Promise<void>): Promise<boolean> {
    active += 1;
    try {
      await work(run);
      return true;
    } catch (error) {
      if (!stopping.signal.aborted) failed(name, error);
      return false;
    } finally {
      active -= 1;
    }
  }

  async function repeat(name: string, interval: number, work: (run: JobRun) => Promise<void>): Promise<void> {
    const { first, retries } = backOffFor(interval);
    // A process that is started more often than a job is due would never do it.
    let wait = Math.min(interval, soon + apart * running.length);
    for (let failures = 0; ; ) {
      await clock.sleep(wait, stopping.signal);
      if (stopping.signal.aborted) return;
      if (await attempt(name, work)) failures = 0;
      else failures = failures > retries ? 1 : failures + 1;
      const isRetry = failures > 0 && failures <= retries;
      wait = isRetry ? first * 2 ** (failures - 1) : interval;
    }
  }

  return {
    async schedule(name, interval, work) {
      running.push(repeat(name, interval, work));
    },
    counts: async () => ({ active }),
    async close() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
