import { beginsRemovable, deadSince, type RemovedStream } from "../../domain/retention/retention.ts";
import { decode } from "../events/catalog.ts";
import type { EventStore, StoredEvent } from "../ports/event-store.ts";
import { concurrently } from "./concurrently.ts";
import { wasReadable } from "./readable.ts";

/** A batch ends at so many streams, whose names fit into one event, or when its streams hold so many events. */
const maxStreams = 500;
const maxEvents = 20_000;

const pageSize = 500;
/** Streams that are looked at at once. */
const atOnce = 8;

/** A stream that may be removed, up to this revision. */
export type DueStream = Pick<RemovedStream, "stream" | "revision">;

type Readable = Pick<EventStore, "read" | "readAll">;

/** The last event of a stream, as stored. */
export async function lastOf(
  store: Pick<EventStore, "read">,
  stream: string,
): Promise<StoredEvent | undefined> {
  const [last] = await store.read(stream, { direction: "backwards", limit: 1 });
  return last;
}

/** The end of a stream that was dead by `before`; undefined where it was not, or is removed already. */
async function dueStream(store: Readable, stream: string, before: number): Promise<DueStream | undefined> {
  const last = await lastOf(store, stream);
  if (!last) return undefined;
  const since = deadSince(decode(last));
  return since !== undefined && since < before ? { stream, revision: last.revision } : undefined;
}

/** Every stream that was dead by `before`, in the order of the log. */
async function* dueStreams(store: Readable, before: number, signal: AbortSignal): AsyncGenerator<DueStream> {
  let after = 0n;
  for (;;) {
    const page = await store.readAll(after, pageSize);
    const due = new Map<string, DueStream>();
    const begun = page.filter(({ type, time }) => time < before && beginsRemovable.has(type));
    await concurrently(begun, atOnce, signal, async ({ stream }) => {
      await wasReadable(async () => {
        const found = await dueStream(store, stream, before);
        if (found) due.set(stream, found);
      });
    });
    if (signal.aborted) return;
    for (const { stream } of begun) {
      const found = due.get(stream);
      if (found) yield found;
    }
    const last = page.at(-1);
    // A stream that began later cannot have been dead by then.
    if (!last || last.time >= before) return;
    after = last.position;
  }
}

/**
 * The streams that were of no use any more by `before` (epoch ms), in batches. Only what the log holds tells so: each run
 * begins at its start, and ends where it is younger. Ends early when the signal is aborted.
 */
export async function* dueBatches(
  store: Readable,
  before: number,
  signal: AbortSignal,
): AsyncGenerator<readonly DueStream[]> {
  let batch: DueStream[] = [];
  let events = 0;
  for await (const stream of dueStreams(store, before, signal)) {
    batch.push(stream);
    events += stream.revision + 1;
    if (batch.length < maxStreams && events < maxEvents) continue;
    yield batch;
    batch = [];
    events = 0;
  }
  if (batch.length > 0) yield batch;
}
