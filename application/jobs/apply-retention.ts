import type { RemovedStream, Retention } from "../../domain/retention/retention.ts";
import type { Context } from "../context.ts";
import type { Archive } from "../ports/archive.ts";
import { type EventStore, type StoredEvent, WrongExpectedRevision } from "../ports/event-store.ts";
import type { JobRun } from "../ports/jobs.ts";
import type { KeepLeaves } from "../ports/kept-leaves.ts";
import { streams } from "../streams.ts";
import { concurrently } from "./concurrently.ts";
import { type DueStream, dueBatches, lastOf } from "./due-streams.ts";

interface Dependencies extends Pick<Context, "log" | "clock" | "policy"> {
  readonly store: Pick<EventStore, "read" | "readAll" | "softDelete">;
  readonly archive: Archive;
  readonly keepLeaves: KeepLeaves;
}

const pageSize = 500;
/** Streams that are removed at once. */
const atOnce = 8;

const metadata = { actor: "system", correlationId: "retention" };

/** The events of these streams up to those revisions; `removed` is told of each stream that was read to its end. */
async function* eventsOf(
  { store }: Dependencies,
  batch: readonly DueStream[],
  signal: AbortSignal,
  removed: (stream: RemovedStream) => void,
): AsyncGenerator<StoredEvent> {
  for (const { stream, revision } of batch) {
    let events = 0;
    for (let from = 0; from <= revision; ) {
      signal.throwIfAborted();
      const page = await store.read(stream, { direction: "forwards", from, limit: pageSize });
      const kept = page.filter((event) => event.revision <= revision);
      yield* kept;
      events += kept.length;
      from = (page.at(-1)?.revision ?? revision) + 1;
    }
    if (events > 0) removed({ stream, revision, events });
  }
}

/** Removes what the archive holds, once its leaves are kept; a stream that went on since stays, and is archived again when it is due. */
async function remove(
  { store, keepLeaves }: Dependencies,
  { streams: removed }: Retention,
  signal: AbortSignal,
): Promise<void> {
  // What leaves without its leaf cannot be told from what was just deleted.
  if (!(await keepLeaves())) return;
  await concurrently(removed, atOnce, signal, async ({ stream, revision }) => {
    const last = await lastOf(store, stream);
    if (last?.revision !== revision) return;
    try {
      await store.softDelete(stream, revision);
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
    }
  });
}

/** Archives a batch and records that; undefined where another process did so first. */
async function archiveBatch(
  dependencies: Dependencies,
  batch: readonly DueStream[],
  expectedRevision: number,
  signal: AbortSignal,
): Promise<{ readonly retention: Retention; readonly revision: number } | undefined> {
  const { archive, log, clock } = dependencies;
  const removed: RemovedStream[] = [];
  const archived = await archive.write(
    eventsOf(dependencies, batch, signal, (stream) => removed.push(stream)),
  );
  if (removed.length === 0) return await archive.discard(archived.name).then(() => undefined);
  const retention: Retention = { streams: removed, archive: archived, at: clock.now() };
  const event = { type: "retention.applied", data: retention };
  try {
    const { revision } = await log.append(streams.retention, [event], expectedRevision, metadata);
    return { retention, revision };
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
    await archive.discard(archived.name);
    return undefined;
  }
}

/**
 * Moves what was of no use for long enough out of the log: grants whose last token died, and used client assertions
 * that have expired. Each batch is archived, then recorded in the log, then removed, so nothing leaves that is not kept
 * elsewhere; a run begins with what the last recorded batch left undone. Of processes that do this at once one goes on.
 */
export async function applyRetention(
  dependencies: Dependencies,
  { signal, progress }: JobRun,
): Promise<void> {
  const { log, store, clock, policy } = dependencies;
  if (policy.retention.grants === null) return;
  const end = await log.last(streams.retention);
  let { revision } = end;
  if (end.event) await remove(dependencies, end.event.data as Retention, signal);
  const before = clock.now() - policy.retention.grants;
  let done = 0;
  for await (const batch of dueBatches(store, before, signal)) {
    if (signal.aborted) return;
    const applied = await archiveBatch(dependencies, batch, revision, signal).catch((error: unknown) => {
      if (error === signal.reason) return undefined;
      throw error;
    });
    if (!applied) return;
    revision = applied.revision;
    await remove(dependencies, applied.retention, signal);
    done += applied.retention.streams.length;
    await progress(done);
  }
}
