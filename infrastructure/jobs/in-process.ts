import type { Clock } from "../../application/ports/clock.ts";
import type { Jobs } from "../../application/ports/jobs.ts";

/** Jobs inside this process, one run at a time each; `failed` is told of a run that threw. */
export function createInProcessJobs(clock: Clock, failed: (name: string, error: unknown) => void): Jobs {
  const stopping = new AbortController();
  const running: Promise<void>[] = [];

  async function repeat(name: string, interval: number, work: () => Promise<void>): Promise<void> {
    for (;;) {
      await clock.sleep(interval, stopping.signal);
      if (stopping.signal.aborted) return;
      await work().catch((error: unknown) => failed(name, error));
    }
  }

  return {
    schedule(name, interval, work) {
      running.push(repeat(name, interval, work));
    },
    async close() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}
