import type { Clock } from "./ports/clock.ts";
import { Unavailable } from "./ports/event-store.ts";
import type { Checkpoint, ReadModels } from "./ports/read-models.ts";

/** One stretch of belief, by identity. */
export interface Trust {
  /** The server and connection that are believed, and no other. */
  readonly incarnation: string;
}

/** Whether the read models are to be believed, and this process' clock too. */
export interface Freshness {
  isFresh(): boolean;
  /** Why the read models could not be looked at the last time; undefined where they could. */
  fault(): string | undefined;
  /** What is believed now; undefined where nothing is. What was read while it changed is not to be believed. */
  trust(): Trust | undefined;
  /** How far this process' clock is ahead of that of the read models' server at least; negative where behind (ms). */
  clockSkew(): number;
  /** Looks once; for who has just seen to it that they are fresh. @throws {Unavailable} */
  look(): Promise<void>;
  /** Looks again and again until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>;
}

const pollInterval = 200;

/**
 * Believes the read models for `maxStaleness` ms after the heartbeat of each part changed at the earliest, by this process'
 * own monotonic clock: a projector that died, and one that lags, are not believed, nor is a server that is another than
 * before until its heartbeat has changed.
 */
export function createFreshness(readModels: ReadModels, clock: Clock, maxStaleness: number): Freshness {
  let last: Checkpoint | undefined;
  let lastAskedAt = 0;
  let changedAt: number[] = [];
  let trust: Trust = { incarnation: "" };
  let skew = 0;
  let fault: string | undefined;

  function isContinued(seen: Checkpoint): boolean {
    return (
      last?.incarnation === seen.incarnation &&
      last.heartbeats.length === seen.heartbeats.length &&
      seen.heartbeats.every((heartbeat, part) => heartbeat >= (last?.heartbeats[part] ?? 0))
    );
  }

  function distrust(seen?: Checkpoint): void {
    last = seen;
    changedAt = seen?.heartbeats.map(() => Number.NEGATIVE_INFINITY) ?? [];
    trust = { incarnation: seen?.incarnation ?? "" };
  }

  async function look(): Promise<void> {
    const askedAt = clock.monotonic();
    const earliest = clock.now();
    const seen = await readModels.checkpoint();
    fault = undefined;
    const latest = clock.now();
    skew = earliest > seen.time ? earliest - seen.time : Math.min(0, latest - seen.time);
    const since = lastAskedAt;
    lastAskedAt = askedAt;
    if (!isContinued(seen)) return distrust(seen);
    const before = last?.heartbeats ?? [];
    // All that is known is that it changed after the look before this one, which may be long ago.
    changedAt = changedAt.map((at, part) =>
      (seen.heartbeats[part] ?? 0) > (before[part] ?? 0) ? since : at,
    );
    last = seen;
  }

  function isFresh(): boolean {
    const now = clock.monotonic();
    return changedAt.length > 0 && changedAt.every((at) => now - at <= maxStaleness);
  }

  return {
    isFresh,
    fault: () => fault,
    trust: () => (isFresh() ? trust : undefined),
    clockSkew: () => skew,
    look,
    async watch(signal) {
      while (!signal.aborted) {
        await look().catch((error: unknown) => {
          fault = error instanceof Unavailable ? error.message : "the read models cannot be reached";
          distrust();
        });
        await clock.sleep(pollInterval, signal);
      }
    },
  };
}
