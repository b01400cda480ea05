import type { RefusalCount, RefusalCountEvent } from "../../domain/refusal-count.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../ports/clock.ts";
import { WrongExpectedRevision } from "../ports/event-store.ts";
import { streams } from "../streams.ts";

/** Counts refusals in memory and records each window as one event a client and kind. */
export interface RefusalCounter {
  count(kind: string, clientId: string | undefined): void;
  /** Records what was counted since the last time. A failure keeps the counts for the next time. */
  flush(): Promise<void>;
}

/** More pairs of client and kind in one window are summed up by kind, and more kinds than that as one. */
const maxPairs = 100;

/** Builds the counter: an attacker fills neither the log nor the memory. */
export function createRefusalCounter(log: Log, clock: Clock): RefusalCounter {
  let windowStart = clock.now();
  let counts = new Map<string, { kind: string; clientId: string | null; count: number }>();

  function entry(kind: string, clientId: string | null) {
    const key = `${kind} ${clientId ?? ""}`;
    const known = counts.get(key);
    if (known || (clientId !== null && counts.size >= maxPairs)) return known;
    const fresh = { kind, clientId, count: 0 };
    counts.set(key, fresh);
    return fresh;
  }

  async function append(events: readonly RefusalCountEvent[]): Promise<void> {
    for (;;) {
      const { revision } = await log.last(streams.refusals);
      try {
        await log.append(streams.refusals, events, revision, { actor: "system", correlationId: "refusals" });
        return;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
      }
    }
  }

  return {
    count(kind, clientId) {
      const found = entry(kind, clientId ?? null) ?? entry(kind, null);
      if (found) found.count += 1;
    },
    async flush() {
      const counted = counts;
      if (counted.size === 0) {
        windowStart = clock.now();
        return;
      }
      const windowEnd = clock.now();
      const data: readonly RefusalCount[] = [...counted.values()].map((count) => ({
        ...count,
        windowStart,
        windowEnd,
      }));
      counts = new Map();
      windowStart = windowEnd;
      try {
        await append(data.map((count) => ({ type: "refusals.counted", data: count })));
      } catch (error) {
        for (const { kind, clientId, count } of counted.values()) {
          const kept = entry(kind, clientId) ?? entry(kind, null);
          if (kept) kept.count += count;
        }
        throw error;
      }
    },
  };
}
