import type { Clock } from "./ports/clock.ts";
import type { ReadModels } from "./ports/read-models.ts";

/** Whether the read models are to be believed. */
export interface Freshness {
  isFresh(): boolean;
  /** Watches the heartbeat until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>;
}

const pollInterval = 200;

/**
 * Believes the read models for `maxStaleness` ms after their heartbeat was seen to change, by this process' own
 * monotonic clock: a projector that died, and one that lags, are not believed.
 */
export function createFreshness(readModels: ReadModels, clock: Clock, maxStaleness: number): Freshness {
  let heartbeat: number | undefined;
  let changedAt = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    const askedAt = clock.monotonic();
    const seen = await readModels.checkpoint();
    if (heartbeat === undefined || seen.heartbeat < heartbeat) distrust();
    else if (seen.heartbeat > heartbeat) changedAt = askedAt;
    heartbeat = seen.heartbeat;
  }

  /** Nothing is believed until the heartbeat is seen to grow again: these may be other read models, or older ones. */
  function distrust(): void {
    heartbeat = undefined;
    changedAt = Number.NEGATIVE_INFINITY;
  }

  return {
    isFresh: () => clock.monotonic() - changedAt <= maxStaleness,
    async watch(signal) {
      while (!signal.aborted) {
        await look().catch(distrust);
        await clock.sleep(pollInterval, signal);
      }
    },
  };
}
