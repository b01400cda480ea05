import type { RefusalCount } from "../../../../domain/refusal-count.ts";
import { dayLength } from "../counts.ts";
import { anomaly, type Detector } from "./detector.ts";

/** What is usual for one client and one kind of refusal. */
interface Usual {
  /** Refusals in a window in which there was any. */
  readonly mean: number;
  readonly windows: number;
  /** The day (since 1970-01-01) of the last burst; -1 where there was none. */
  readonly toldOn: number;
}

/** Fewer in a window (a minute) are no burst: a person who guesses, or a client that retries, stays below. */
const least = 50;
/** And that many times what is usual: twice or thrice is a busy hour. */
const factor = 10;
/** About how many windows the mean looks back. */
const lookBack = 32;

/** A window counts as no more than what would be a burst, so that one burst does not make the next one usual. */
function usualAfter({ mean, windows, toldOn }: Usual, count: number): Usual {
  const weight = 1 / Math.min(windows + 1, lookBack);
  const counted = Math.min(count, Math.max(least, factor * mean));
  return { mean: mean + weight * (counted - mean), windows: Math.min(windows + 1, lookBack), toldOn };
}

/**
 * Many more refusals of one kind in one window, to one client or to nobody that is known, than there were before: at least
 * 50, and ten times the mean of earlier windows that had any. Told once a day for each client and kind.
 */
export const refusalBurst: Detector = (observed, recall) => {
  const { kind, clientId, count, windowStart, windowEnd } = observed.event.data as RefusalCount;
  const key = `refused:${kind} ${clientId ?? ""}`;
  const remembered = recall.get(key);
  const usual: Usual = remembered ? JSON.parse(remembered) : { mean: 0, windows: 0, toldOn: -1 };
  const today = Math.floor(observed.stored.time / dayLength);
  const isBurst = count >= least && count >= factor * usual.mean && usual.toldOn !== today;
  const after = usualAfter(usual, count);
  recall.set(key, JSON.stringify(isBurst ? { ...after, toldOn: today } : after));
  if (!isBurst) return [];
  const before =
    usual.windows === 0
      ? "there was none of this kind before"
      : `${Math.max(1, Math.round(usual.mean))} in a window were usual before`;
  return [
    anomaly("refusal_burst", observed, {
      subject: clientId ?? "no known client",
      explanation: `${count} refusals (${kind}) ${clientId === null ? "to no known client" : `to client ${clientId}`} within ${Math.max(1, Math.round((windowEnd - windowStart) / 1000))} s, where ${before}: somebody guesses, or a program is broken.`,
      before: [],
    }),
  ];
};
