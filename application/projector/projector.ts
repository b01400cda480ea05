import type { Clock } from "../ports/clock.ts";
import { type EventStore, type StoredEvent, Unavailable } from "../ports/event-store.ts";
import type { Checkpoint, Fillable, ReadModels } from "../ports/read-models.ts";
import { type Batches, createBatches } from "./batches.ts";

/** What the projector tells of itself. */
export interface ProjectorEvents {
  /** The read models hold everything up to this position. */
  readonly advanced: (position: bigint) => void;
  /** These events were carried into the read models; begun at `startedAt`, epoch ms. */
  readonly applied?: (events: readonly StoredEvent[], startedAt: number) => void;
  /** It keeps up: the read models hold all that the log held a moment ago. */
  readonly kept: () => void;
  /** It stopped for this reason and tries again in `retryIn` ms; until then answers come from the log. */
  readonly failed: (error: unknown, retryIn: number) => void;
  /** This event could not be projected: its stream is answered from the log until it is mended. */
  readonly parked: (event: StoredEvent, error: unknown) => void;
}

/** The one loop that carries events into the read models. */
export interface Projector {
  /** Follows the log until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** Applies what the log holds now, up to at least `position`; for where no other projector runs. */
  catchUp(position: bigint, signal?: AbortSignal): Promise<void>;
  /** Fills read models anew beside those that answer and lets them take over; takes up what was begun before. */
  rebuild(signal: AbortSignal, progress: (position: bigint) => void): Promise<void>;
}

const batchSize = 500;
/** Pages that are under way at once where read models are filled. */
const pagesAtOnce = 4;
const beatInterval = 500;
const catchUpInterval = 10;
const maxRetryDelay = 5_000;
/** How long (ms) the projection may stand still while the log is further, before it is begun anew. */
const maxSilence = 2_000;
const never = new AbortController().signal;

/** @throws {Unavailable} where the read models hold what the log does not: it was set back, and its positions come again */
function requireSameHistory(position: bigint, end: bigint): void {
  if (position > end)
    throw new Unavailable(
      `the read models are of another history, at position ${position} where the log ends at ${end}: either this is not their log, or it was set back. Look first whether eventstoreUrl, dataDir and redisUrl are those of one deployment; only where the log was set back, remove the read models (read-models.db, or the Redis database): they are made anew`,
    );
}

/**
 * Builds the projector. Each batch is applied as a compare-and-set on the checkpoint it stands on: one that loses to
 * another projector reads the checkpoint again and goes on from there.
 * @param maxStaleness how long (ms) a process may believe read models that it cannot tell from a server left behind
 */
export function createProjector(
  store: EventStore,
  readModels: ReadModels,
  clock: Clock,
  { advanced, applied = () => undefined, kept, failed, parked }: ProjectorEvents,
  maxStaleness: number,
): Projector {
  /** How far this process has filled the read models. */
  let followed = 0n;
  let restart = new AbortController();

  /**
   * The checkpoint to write on. Read models that came to another server are left alone until nobody believes the old one
   * any more: what is visible here could not be there.
   */
  async function writable(target: Fillable, signal: AbortSignal): Promise<Checkpoint> {
    for (;;) {
      const checkpoint = await target.checkpoint();
      const wait = checkpoint.movedAt + maxStaleness - checkpoint.time;
      if (wait <= 0) return checkpoint;
      await clock.sleep(wait, signal);
      signal.throwIfAborted();
    }
  }

  /** Applies the batch after the checkpoint and answers its end; undefined where that was the checkpoint no more. */
  async function apply(
    target: Fillable,
    batches: Batches,
    { position, ahead, incarnation }: Pick<Checkpoint, "position" | "ahead" | "incarnation">,
    events: readonly StoredEvent[],
    underWay?: Promise<unknown>,
  ): Promise<bigint | undefined> {
    const inside = ahead === null ? events : events.filter((event) => event.position <= ahead);
    const to = inside.length < events.length || events.length === 0 ? ahead : events.at(-1)?.position;
    const end = to ?? position;
    return (await target.apply(await batches.make({ position, incarnation }, inside, end, underWay)))
      ? end
      : undefined;
  }

  /**
   * Applies some pages of the log, each sent before the one before it was answered: each stands on the one before, and is
   * refused with it. Answers the end of the last one; undefined where one was refused.
   */
  async function applyPages(
    target: Fillable,
    batches: Batches,
    { position, incarnation }: Pick<Checkpoint, "position" | "incarnation">,
  ): Promise<bigint | undefined> {
    const applying: Promise<bigint | undefined>[] = [];
    let at = position;
    try {
      while (applying.length < pagesAtOnce) {
        const events = await store.readAll(at, batchSize);
        const last = events.at(-1);
        if (!last) break;
        const underWay = Promise.allSettled(applying);
        const page = apply(target, batches, { position: at, ahead: null, incarnation }, events, underWay);
        page.catch(() => undefined); // It is asked for below, perhaps after it failed.
        applying.push(page);
        at = last.position;
      }
    } finally {
      await Promise.allSettled(applying);
    }
    return (await Promise.all(applying)).includes(undefined) ? undefined : at;
  }

  async function follow(signal: AbortSignal): Promise<void> {
    const checkpoint = await writable(readModels, signal);
    const { incarnation } = checkpoint;
    let { position } = checkpoint;
    requireSameHistory(position, await store.lastPosition());
    const batches = await createBatches(store, readModels, position, parked);
    if (checkpoint.ahead !== null) {
      const levelled = await apply(readModels, batches, checkpoint, await store.readAll(position, batchSize));
      if (levelled === undefined) await clock.sleep(catchUpInterval, signal);
      return;
    }
    followed = position;
    advanced(position);
    for await (const events of store.subscribe(position, signal)) {
      const startedAt = clock.now();
      const to = await apply(readModels, batches, { position, ahead: null, incarnation }, events);
      if (to === undefined) return;
      position = to;
      followed = to;
      advanced(to);
      applied(events, startedAt);
    }
  }

  /** Says that nothing happened from a checkpoint to a position where the log holds nothing: it was removed. */
  const skip = ({ position: from, incarnation }: Checkpoint, to: bigint): Promise<boolean> =>
    readModels.apply({ from, incarnation, to, puts: [], parks: [] });

  /** Nothing was projected for a while although the log is further: the subscription is silent, or the end was removed. */
  async function unstick(seen: Checkpoint, end: bigint): Promise<void> {
    const [next] = await store.readAll(seen.position, 1);
    if (!next && seen.ahead === null) await skip(seen, end);
    restart.abort();
  }

  /** A beat says: the read models hold all that the log held when the beat began. */
  async function beatOnce(signal: AbortSignal): Promise<void> {
    const { incarnation, position } = await readModels.checkpoint();
    const end = await store.lastPosition();
    requireSameHistory(position, end);
    let moved = { to: position, at: clock.monotonic() };
    while (!signal.aborted) {
      const written = followed;
      const seen = await readModels.checkpoint();
      // Read models that fell behind what was written to them are others: they must be filled from where they are.
      if (seen.position < written || seen.incarnation !== incarnation) {
        restart.abort();
        return;
      }
      if (seen.position >= end && (await readModels.beat(seen.position, incarnation))) return kept();
      const now = clock.monotonic();
      if (seen.position !== moved.to) moved = { to: seen.position, at: now };
      else if (seen.position < end && now - moved.at > maxSilence) return await unstick(seen, end);
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
        if (signal.aborted) return;
        if (restart.signal.aborted) continue;
        failed(error, delay);
        await clock.sleep(delay, signal);
        delay = Math.min(delay * 2, maxRetryDelay);
      }
    }
  }

  /** Fills up to the end of the log, and on until `finish` says that it is done. */
  async function fill(
    target: Fillable,
    signal: AbortSignal,
    finish: (at: Checkpoint) => Promise<boolean>,
    progress: (position: bigint) => void = () => undefined,
  ): Promise<void> {
    let batches: Batches | undefined;
    let reached: bigint | undefined;
    for (;;) {
      signal.throwIfAborted();
      const checkpoint = await writable(target, signal);
      const { position, ahead } = checkpoint;
      progress(position);
      // Where another projector was here meanwhile, it may have parked streams.
      if (position !== reached) batches = undefined;
      batches ??= await createBatches(store, target, position, parked);
      if (ahead === null) reached = await applyPages(target, batches, checkpoint);
      else reached = await apply(target, batches, checkpoint, await store.readAll(position, batchSize));
      if (reached !== position) continue;
      if (await finish(checkpoint)) return;
      await clock.sleep(catchUpInterval, signal);
    }
  }

  return {
    async run(signal) {
      await Promise.all([followForEver(signal), beatForEver(signal)]);
    },
    async catchUp(target, signal = never) {
      const { position } = await readModels.checkpoint();
      requireSameHistory(position, await store.lastPosition());
      await fill(readModels, signal, async (seen) => {
        if (seen.position < target) await skip(seen, target);
        else if (await readModels.beat(seen.position, seen.incarnation)) {
          advanced(seen.position);
          return true;
        }
        return false;
      });
    },
    async rebuild(signal, progress) {
      const successor = await readModels.successor();
      await fill(successor, signal, () => successor.takeOver(), progress);
    },
  };
}
