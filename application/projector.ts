import { decode } from "./events/catalog.ts";
import type { Clock } from "./ports/clock.ts";
import type { EventStore, StoredEvent } from "./ports/event-store.ts";
import type { Put, ReadModels } from "./ports/read-models.ts";
import { projections } from "./projections/index.ts";

/** What the projector tells of itself. */
export interface ProjectorEvents {
  /** The read models hold everything up to this position. */
  readonly advanced: (position: bigint) => void;
  /** It stopped for this reason and tries again in `retryIn` ms; until then answers come from the log. */
  readonly failed: (error: unknown, retryIn: number) => void;
}

/** The one loop that carries events into the read models. */
export interface Projector {
  /** Follows the log until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Applies what the log holds now, up to at least `position`; for where no other projector runs. */
  catchUp(position: bigint): Promise<void>;
}

const batchSize = 500;
const beatInterval = 500;
const catchUpInterval = 10;
const maxRetryDelay = 5_000;

const handled = new Set(projections.flatMap(({ handles }) => [...handles]));

/** What these events leave in the read models; of several writes to one document only the last counts. */
function putsOf(events: readonly StoredEvent[]): readonly Put[] {
  const puts = new Map<string, Put>();
  for (const stored of events) {
    if (!handled.has(stored.type)) continue;
    const event = decode(stored);
    for (const projection of projections) {
      const put = projection.handle(event);
      if (put) puts.set(`${put.collection}/${put.id}`, put);
    }
  }
  return [...puts.values()];
}

/**
 * Builds the projector. Each batch is applied as a compare-and-set on the checkpoint it stands on: one that loses to
 * another projector reads the checkpoint again and goes on from there.
 */
export function createProjector(
  store: EventStore,
  readModels: ReadModels,
  clock: Clock,
  { advanced, failed }: ProjectorEvents,
): Projector {
  /** How far this process has filled the read models. */
  let followed = 0n;
  let restart = new AbortController();

  /** False where another projector was faster. */
  async function apply(from: bigint, events: readonly StoredEvent[]): Promise<boolean> {
    const to = events.at(-1)?.position ?? from;
    const applied = await readModels.apply({ from, to, puts: putsOf(events) });
    if (applied) advanced(to);
    return applied;
  }

  async function follow(signal: AbortSignal): Promise<void> {
    let { position } = await readModels.checkpoint();
    followed = position;
    advanced(position);
    for await (const events of store.subscribe(position, signal)) {
      if (!(await apply(position, events))) return;
      position = events.at(-1)?.position ?? position;
      followed = position;
    }
  }

  /** A beat says: the read models hold all that the log held when the beat began. */
  async function beatOnce(signal: AbortSignal): Promise<void> {
    const end = await store.lastPosition();
    while (!signal.aborted) {
      const written = followed;
      const { position } = await readModels.checkpoint();
      // Read models that fell behind what was written to them are others: they must be filled from where they are.
      if (position < written) restart.abort();
      if (position >= end && (await readModels.beat(position))) return;
      await clock.sleep(catchUpInterval, signal);
    }
  }

  async function beatForEver(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await beatOnce(signal).catch((error: unknown) => failed(error, beatInterval));
      await clock.sleep(beatInterval, signal);
    }
  }

  async function followForEver(signal: AbortSignal): Promise<void> {
    let delay = 50;
    while (!signal.aborted) {
      try {
        restart = new AbortController();
        await follow(AbortSignal.any([signal, restart.signal]));
        delay = 50;
      } catch (error) {
        failed(error, delay);
        await clock.sleep(delay, signal);
        delay = Math.min(delay * 2, maxRetryDelay);
      }
    }
  }

  return {
    async run(signal) {
      await Promise.all([followForEver(signal), beatForEver(signal)]);
    },
    async catchUp(target) {
      for (;;) {
        const { position } = await readModels.checkpoint();
        const events = position >= target ? [] : await store.readAll(position, batchSize);
        if (events.length > 0) await apply(position, events);
        else if (await readModels.beat(position)) return advanced(position);
      }
    },
  };
}
