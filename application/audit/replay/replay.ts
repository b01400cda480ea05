import type { EventStore, StoredEvent } from "../../ports/event-store.ts";
import type { Checkpoint, Fillable } from "../../ports/read-models.ts";
import { type Batches, createBatches } from "../../projector/batches.ts";

/** Events that are folded together: of what they write to one document only the last is written. */
const pageSize = 2_000;
const never = new AbortController().signal;
const ignore = () => undefined;

/** What a fold took in. */
export interface Folded {
  /** Where it began: beyond 0 where an earlier fold was taken up. */
  readonly from: bigint;
  readonly to: bigint;
  readonly events: number;
}

export interface FoldOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((position: bigint) => void) | undefined;
}

/** The part of a page up to where the batch must end, and that end. */
function batchOf({ ahead }: Checkpoint, events: readonly StoredEvent[], to: bigint) {
  const end = ahead === null || ahead > to ? to : ahead;
  const inside = events.filter(({ position }) => position <= end);
  const isCut = inside.length < events.length || events.length < pageSize;
  return { inside, end: isCut ? end : (inside.at(-1)?.position ?? end) };
}

/**
 * Folds the log into read models, from where they stand up to a position; nothing happens where they stand there or
 * beyond. What was folded stays when it is stopped or killed, and the next fold goes on from there.
 */
export async function foldLog(
  store: EventStore,
  target: Fillable,
  to: bigint,
  { signal = never, progress = ignore }: FoldOptions = {},
): Promise<Folded> {
  const from = (await target.checkpoint()).position;
  let batches: Batches | undefined;
  let reached = from;
  let events = 0;
  for (;;) {
    const checkpoint = await target.checkpoint();
    const { position, incarnation } = checkpoint;
    // Where somebody else filled them meanwhile, what is parked may be other streams.
    if (position !== reached) batches = undefined;
    reached = position;
    progress(position);
    signal.throwIfAborted();
    if (position >= to && checkpoint.ahead === null) return { from, to: position, events };
    batches ??= await createBatches(store, target, position, ignore);
    const page = await store.readAll(position, pageSize);
    const { inside, end } = batchOf(checkpoint, page, to > position ? to : (checkpoint.ahead ?? to));
    const batch = await batches.make({ position, incarnation }, inside, end);
    if (!(await target.apply(batch))) continue;
    reached = end;
    events += inside.length;
  }
}

/**
 * The position before the first event that is later than this instant (epoch ms): what had happened by then. The clock of
 * a log may step back; its order is that of its positions.
 */
export async function positionAt(
  store: EventStore,
  instant: number,
  { signal = never, progress = ignore }: FoldOptions = {},
): Promise<bigint> {
  for (let position = 0n; ; ) {
    signal.throwIfAborted();
    const page = await store.readAll(position, pageSize);
    const later = page.findIndex(({ time }) => time > instant);
    if (later >= 0) return page[later - 1]?.position ?? position;
    if (page.length < pageSize) return await store.lastPosition();
    position = page.at(-1)?.position ?? position;
    progress(position);
  }
}

/** How many documents each of these collections holds. */
export async function countDocuments(
  readModels: Fillable,
  collections: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const collection of collections) {
    let count = 0;
    for (let after = ""; ; ) {
      const page = await readModels.listUnfinished(collection, { after, limit: pageSize });
      count += page.length;
      after = page.at(-1)?.id ?? "";
      if (page.length < pageSize) break;
    }
    counts.set(collection, count);
  }
  return counts;
}
