import { randomUUID } from "node:crypto";
import { createHandle } from "../../application/commands/handle.ts";
import type { Context } from "../../application/context.ts";
import { createDocuments } from "../../application/documents.ts";
import { createLog } from "../../application/log.ts";
import type { Clock } from "../../application/ports/clock.ts";
import type { EventStore, StoredEvent } from "../../application/ports/event-store.ts";
import type { JobRun } from "../../application/ports/jobs.ts";
import type { KeepLeaves } from "../../application/ports/kept-leaves.ts";
import type { ReadModels } from "../../application/ports/read-models.ts";
import { generation } from "../../application/projections/index.ts";
import { createProjector } from "../../application/projector/projector.ts";
import { createVisibility } from "../../application/visibility.ts";
import type { DomainEvent } from "../../domain/decider.ts";
import { systemClock } from "../../infrastructure/clock.ts";
import { loadConfig } from "../../infrastructure/config/load.ts";
import { policyOf } from "../../infrastructure/config/policy.ts";
import { openEphemeralEventStore } from "../../infrastructure/event-store/sqlite/index.ts";
import { openSqliteReadModels } from "../../infrastructure/read-models/sqlite/sqlite-read-models.ts";

/** What jobs need of a context. */
export type JobContext = Pick<
  Context,
  "log" | "handle" | "documents" | "readModels" | "visibility" | "clock" | "policy"
> & { readonly store: EventStore; readonly keepLeaves: KeepLeaves };

/** Engines in memory, and a clock that a test sets. */
export interface JobWorld extends AsyncDisposable {
  readonly context: JobContext;
  readonly store: EventStore;
  readonly readModels: ReadModels;
  /** Moves the clock on, by milliseconds. */
  pass(milliseconds: number): void;
  /** Appends to a stream, whatever is in it. */
  append(stream: string, ...events: readonly DomainEvent[]): Promise<void>;
  /** Brings the read models up to the end of the log. */
  project(): Promise<void>;
  /** The log, or one stream of it. */
  events(stream?: string): Promise<readonly StoredEvent[]>;
  /** A context over the same engines, for which `around` may wrap the log's store. */
  over(around: (store: EventStore) => EventStore): JobContext;
}

const metadata = { actor: "system", correlationId: "test" };

/** Sets it up, empty; the clock begins at this time. */
export async function openJobWorld(
  settings: Record<string, unknown> = {},
  startsAt: number = Date.now(),
): Promise<JobWorld> {
  const store = await openEphemeralEventStore();
  const readModels = openSqliteReadModels({ file: ":memory:", logId: store.logId, generation });
  const policy = policyOf(loadConfig({ flags: { demo: true, ephemeral: true, ...settings }, env: {} }));
  let time = startsAt;
  const clock: Clock = { ...systemClock, now: () => time };
  const visibility = createVisibility(readModels, clock);
  const failed = (error: unknown) => {
    throw error;
  };
  const parked = () => undefined;
  const projector = createProjector(
    store,
    readModels,
    systemClock,
    { advanced: visibility.advanced, kept: () => undefined, failed, parked },
    0,
  );
  const isNeverFresh = {
    isFresh: () => false,
    trust: () => undefined,
    fault: () => undefined,
    clockSkew: () => 0,
    look: async () => undefined,
    watch: async () => undefined,
  };

  function over(around: (store: EventStore) => EventStore): JobContext {
    const wrapped = around(store);
    const log = createLog(wrapped, { newEventId: () => randomUUID() });
    const documents = createDocuments(readModels, log, isNeverFresh);
    const handle = createHandle(log, clock.sleep);
    const keepLeaves = async () => true;
    return { log, handle, documents, readModels, visibility, clock, policy, store: wrapped, keepLeaves };
  }

  const context = over((same) => same);
  return {
    context,
    store,
    readModels,
    over,
    pass: (milliseconds) => {
      time += milliseconds;
    },
    async append(stream, ...events) {
      const { revision } = await context.log.last(stream);
      await context.log.append(stream, events, revision, metadata);
    },
    project: async () => projector.catchUp(await store.lastPosition()),
    async events(stream) {
      if (stream !== undefined) return await store.read(stream, { direction: "forwards", limit: 100_000 });
      return await store.readAll(0n, 100_000);
    },
    async [Symbol.asyncDispose]() {
      await store.close();
      await readModels.close();
    },
  };
}

/** A run that nobody stops. */
export const undisturbed = (): JobRun => ({
  signal: new AbortController().signal,
  progress: async () => undefined,
});

/** A run that is told to stop when progress was told so many times. */
export function stoppedAfter(times: number): JobRun {
  const stopping = new AbortController();
  let told = 0;
  if (times === 0) stopping.abort();
  return {
    signal: stopping.signal,
    progress: async () => {
      told += 1;
      if (told >= times) stopping.abort();
    },
  };
}
