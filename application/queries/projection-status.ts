import type { EventStore } from "../ports/event-store.ts";
import type { ReadModels } from "../ports/read-models.ts";
import { type Parked, parkedIn } from "../projector/parking.ts";

/** How the read models stand to the log. */
export interface ProjectionStatus {
  /** The last position that they hold, and the last of the log. */
  readonly position: bigint;
  readonly end: bigint;
  /** Events that they lack; counted up to a bound. */
  readonly lagEvents: number;
  /** Age of the oldest event that they lack (ms); 0 where they lack none. */
  readonly lag: number;
  readonly parked: readonly Parked[];
}

/** More events than this are not counted one by one, unless asked to. */
export const maxCounted = 100_000;

const pageSize = 1_000;

/** Counts the events from one position to another, up to a bound; also when the first of them was appended. */
export async function countEvents(
  store: Pick<EventStore, "readAll">,
  after: bigint,
  upTo: bigint,
  atMost = maxCounted,
): Promise<{ readonly count: number; readonly firstAt: number | undefined }> {
  let count = 0;
  let firstAt: number | undefined;
  for (let position = after; count < atMost && position < upTo; ) {
    const events = (await store.readAll(position, pageSize)).filter((event) => event.position <= upTo);
    const last = events.at(-1);
    if (!last) break;
    firstAt ??= events[0]?.time;
    count += events.length;
    position = last.position;
  }
  return { count, firstAt };
}

/** Tells how far the read models are, and what they cannot hold. @throws {Unavailable} */
export async function projectionStatus(
  store: EventStore,
  readModels: ReadModels,
  now: number,
  atMost = maxCounted,
): Promise<ProjectionStatus> {
  const { position } = await readModels.checkpoint();
  const end = await store.lastPosition();
  const { count, firstAt } = await countEvents(store, position, end, atMost);
  return {
    position,
    end,
    lagEvents: count,
    lag: firstAt === undefined ? 0 : Math.max(0, now - firstAt),
    parked: [...(await parkedIn(readModels)).values()],
  };
}
