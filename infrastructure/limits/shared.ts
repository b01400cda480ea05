import type { ConnectedCounters, Counters } from "./counters.ts";

export interface SharedCountersOptions {
  /** Is told that the counters are not shared any more, once until they are again. */
  readonly lost: (error: unknown) => void;
  readonly found: () => void;
}

/** How long (ms) what did not answer is not asked again: a slow Redis holds up what came at one moment, not everything. */
const pause = 1_000;
/** So often in a row; once may be this process' own doing, which was too busy to read the answer. */
const failuresBeforePause = 2;

/**
 * Counters that several processes share, while those can be asked. This process counts for itself as well, so that where
 * they cannot, it goes on from what it has seen itself, and a limit is one still.
 */
export function createSharedCounters(
  shared: ConnectedCounters,
  own: Counters,
  { lost, found }: SharedCountersOptions,
): ConnectedCounters {
  let failures = 0;
  let silentUntil = 0;

  /** What the shared counters answer; undefined where they do not. */
  async function asked<Answer>(work: () => Promise<Answer>): Promise<Answer | undefined> {
    if (performance.now() < silentUntil) return undefined;
    try {
      const answer = await work();
      if (failures >= failuresBeforePause) found();
      failures = 0;
      return answer;
    } catch (error) {
      failures += 1;
      if (failures >= failuresBeforePause) silentUntil = performance.now() + pause;
      if (failures === failuresBeforePause) lost(error);
      return undefined;
    }
  }

  return {
    async add(key, window, by) {
      const counted = await own.add(key, window, by);
      return (await asked(() => shared.add(key, window, by))) ?? counted;
    },
    async forget(key) {
      await own.forget(key);
      await asked(() => shared.forget(key));
    },
    close: () => shared.close(),
  };
}
