import { BoundedMap } from "../crypto/bounded-map.ts";
import type { Counters } from "./counters.ts";

interface Window {
  readonly count: number;
  readonly endsAt: number;
}

/**
 * Counters of this process. A flood of keys cannot fill its memory: of more than `limit` keys, those that were counted
 * longest ago are forgotten.
 */
export function createMemoryCounters(limit = 50_000): Counters {
  const windows = new BoundedMap<string, Window>(limit);
  return {
    async add(key, window, by = 1) {
      const now = performance.now();
      const known = windows.get(key);
      const { count, endsAt } =
        known && known.endsAt > now ? known : { count: 0, endsAt: now + window * 1_000 };
      windows.set(key, { count: count + by, endsAt });
      return { count: count + by, endsIn: endsAt - now };
    },
    async forget(key) {
      windows.delete(key);
    },
  };
}
