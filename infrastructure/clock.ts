import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../application/ports/clock.ts";

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) =>
    delay(milliseconds, undefined, signal ? { signal } : undefined).catch(() => undefined),
};
