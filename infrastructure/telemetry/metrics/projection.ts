import { Gauge, Histogram, type Registry } from "prom-client";
import type { StoredEvent } from "../../../application/ports/event-store.ts";
import type { ProjectionStatus } from "../../../application/queries/projection-status.ts";
import type { Visibility } from "../../../application/visibility.ts";
import { type Metrics, secondsBuckets } from "./metrics.ts";

/** Tells, whenever it is asked, how the read models stand to the log. */
export function measureProjection(
  { registry, whenAsked }: Metrics,
  status: () => Promise<ProjectionStatus>,
): void {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [registry] });
  const position = gauge(
    "dacapo_projection_position",
    "The last position of the log that the read models hold",
  );
  const end = gauge("dacapo_log_position", "The position of the last event of the log");
  const lagEvents = gauge(
    "dacapo_projection_lag_events",
    "Events of the log that the read models lack, counted up to a bound",
  );
  const lagSeconds = gauge(
    "dacapo_projection_lag_seconds",
    "Age of the oldest event that the read models lack; 0 where they lack none",
  );
  const parked = gauge(
    "dacapo_parked_streams",
    "Streams that cannot be projected and are answered from the log",
  );
  whenAsked([position, end, lagEvents, lagSeconds, parked], async () => {
    const now = await status();
    position.set(Number(now.position));
    end.set(Number(now.end));
    lagEvents.set(now.lagEvents);
    lagSeconds.set(now.lag / 1000);
    parked.set(now.parked.length);
  });
}

/** What the projector of this process carried: how much at once, and how old each event was by then. */
export function createProjected(registry: Registry): (events: readonly StoredEvent[], now: number) => void {
  const size = new Histogram({
    name: "dacapo_projection_batch_events",
    help: "Events that were carried into the read models together",
    buckets: [1, 5, 10, 50, 100, 500],
    registers: [registry],
  });
  const delay = new Histogram({
    name: "dacapo_projection_delay_seconds",
    help: "From the append of an event until the read models held it, by the clocks of both processes",
    buckets: secondsBuckets,
    registers: [registry],
  });
  return (events, now) => {
    size.observe(events.length);
    for (const { time } of events) delay.observe(Math.max(0, now - time) / 1000);
  };
}

/** Makes the same waits, with how long they took. */
export function createMeasuredVisibility(registry: Registry): (visibility: Visibility) => Visibility {
  const waited = new Histogram({
    name: "dacapo_visibility_wait_seconds",
    help: "How long answers waited until what they say was visible to every validation",
    buckets: secondsBuckets,
    registers: [registry],
  });
  return (visibility) => ({
    ...visibility,
    async wait(position, limit) {
      const end = waited.startTimer();
      const isVisible = await visibility.wait(position, limit);
      end();
      return isVisible;
    },
  });
}
