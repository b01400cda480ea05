import { BoundedMap } from "../bounded/map.ts";
import type { Counters } from "./counters.ts";

interface Window {
  readonly count: number;
  readonly endsAt: number;
}

/**
 * Counters of this process. A flood of keys cannot fill its memory: of more than `limit` keys of one sort (what stands before
 * the colon), those that were counted longest ago are forgotten, and no others.
 */
export function createMemoryCounters(limit = 50_000): Counters {
  const sorts = new Map<string, BoundedMap<string, Window>>();

  function windowsOf(key: string): BoundedMap<string, Window> {
    const sort = key.split(":", 1)[0] ?? "";
    const known = sorts.get(sort) ?? new BoundedMap<string, Window>(limit);
    sorts.set(sort, known);
    return known;
  }

  return {
    async add(key, window, by = 1) {
      const windows = windowsOf(key);
      const now = performance.now();
      const known = windows.get(key);
      const { count, endsAt } =
        known && known.endsAt > now ? known : { count: 0, endsAt: now + window * 1_000 };
      windows.set(key, { count: count + by, endsAt });
      return { count: count + by, endsIn: endsAt - now };
    },
    async forget(key) {
      windowsOf(key).delete(key);
    },
  };
}
