import { Gauge } from "prom-client";
import type { SigningKeys } from "../../../domain/signing-key/signing-key.ts";
import type { Metrics } from "./metrics.ts";

/** Tells, whenever it is asked, whether this process can serve. @param notReady why it cannot; empty when it can */
export function measureReadiness({ registry, whenAsked }: Metrics, notReady: () => readonly string[]): void {
  const ready = new Gauge({
    name: "dacapo_ready",
    help: "Whether this process can serve: 1 or 0; /readyz says why not",
    registers: [registry],
  });
  whenAsked([ready], async () => ready.set(notReady().length === 0 ? 1 : 0));
}

/** Tells, whenever it is asked, how far the clock is ahead of that of the read models. @param skew ms */
export function measureClock({ registry, whenAsked }: Metrics, skew: () => number): void {
  const seconds = new Gauge({
    name: "dacapo_clock_skew_seconds",
    help: "How far the clock is ahead of that of the read models at least; negative where behind",
    registers: [registry],
  });
  whenAsked([seconds], async () => seconds.set(skew() / 1000));
}

/** Tells, whenever it is asked, how old the key is that signs. @param now epoch ms @param keys undefined before there are any */
export function measureKeys(
  { registry, whenAsked }: Metrics,
  now: () => number,
  keys: () => Promise<SigningKeys | undefined>,
): void {
  const age = new Gauge({
    name: "dacapo_signing_key_age_seconds",
    help: "How long the active key has been signing",
    registers: [registry],
  });
  whenAsked([age], async () => {
    const current = await keys();
    if (current) age.set(Math.max(0, now() - current.activatedAt) / 1000);
  });
}
