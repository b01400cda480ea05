import type { DomainEvent } from "../../../domain/decider.ts";
import type { Erasure } from "../../../domain/erasure/erasure.ts";
import { decode } from "../../events/catalog.ts";
import type { Anomaly, AuditIndex, Count, IndexBatch, IndexEntry, Memory } from "../../ports/audit-index.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ErasureList } from "../../ports/erasure-list.ts";
import { type EventStore, type StoredEvent, Unavailable } from "../../ports/event-store.ts";
import { anomaliesOf } from "./anomalies.ts";
import { countsOf } from "./counts.ts";
import type { Recall } from "./observed.ts";
import { createOrigins, type OriginDependencies } from "./origin.ts";
import { termsOf } from "./terms.ts";

export interface IndexDependencies extends OriginDependencies {
  readonly store: Pick<EventStore, "read" | "readAll" | "lastPosition">;
  readonly index: AuditIndex;
  readonly erasureList: Pick<ErasureList, "all">;
  readonly clock: Pick<Clock, "sleep">;
}

/** How long to wait where another process writes, in milliseconds. */
const turn = 250;

export interface BuildOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told the position that is reached, after each batch. */
  readonly progress?: ((position: bigint) => void) | undefined;
  /** Events that are added together; fewer leave the thread to others sooner. */
  readonly pageSize?: number | undefined;
}

/** What an index holds of a log that went back, or was replaced, is not of this log. */
async function beginAnewWhereReplaced({ store, index }: IndexDependencies): Promise<void> {
  const { position, lastId } = index.checkpoint();
  if (position === 0n) return;
  const [event] = await store.readAll(position - 1n, 1);
  const isOther = event?.position === position && event.id !== lastId;
  if (isOther || (await store.lastPosition()) < position) index.reset();
}

const readable = (stored: StoredEvent): DomainEvent | undefined => {
  try {
    return decode(stored);
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
};

/** What detectors remember, within a batch and from those before. */
function createRecall(index: AuditIndex): { readonly recall: Recall; memories(): readonly Memory[] } {
  const known = new Map<string, string | null>();
  const fresh = new Map<string, Memory>();
  function remember(memory: Memory): void {
    known.set(memory.key, memory.value);
    fresh.set(memory.key, memory);
  }
  return {
    recall: {
      get(key) {
        if (!known.has(key)) known.set(key, index.memory(key) ?? null);
        return known.get(key) ?? undefined;
      },
      set: (key, value, owner = null) => remember({ key, value, owner }),
      forget: (key) => remember({ key, value: null, owner: null }),
    },
    memories: () => [...fresh.values()],
  };
}

/** Adds up what is counted in one batch. */
function createSums(): { add(counts: readonly Count[]): void; all(): readonly Count[] } {
  const sums = new Map<string, Count>();
  return {
    add(counts) {
      for (const count of counts) {
        const key = `${count.day} ${count.what} ${count.dimension} ${count.value}`;
        sums.set(key, { ...count, count: count.count + (sums.get(key)?.count ?? 0) });
      }
    },
    all: () => [...sums.values()],
  };
}

/**
 * Takes into the index what the log got since, up to its end. Of processes that do so at once each adds what the others
 * have not. Answers how many events were added.
 * @throws {Unavailable} @throws the signal's reason
 */
export async function buildIndex(
  dependencies: IndexDependencies,
  { signal, progress, pageSize = 4_000 }: BuildOptions = {},
): Promise<number> {
  const { store, index, erasureList, clock } = dependencies;
  await beginAnewWhereReplaced(dependencies);
  const erased = new Set(await erasureList.all());
  const networkOf = createOrigins(dependencies, (userId) => erased.has(userId));

  async function batchOf(from: bigint, page: readonly StoredEvent[]): Promise<IndexBatch> {
    const { recall, memories } = createRecall(index);
    const sums = createSums();
    const entries: IndexEntry[] = [];
    const anomalies: Anomaly[] = [];
    const forgotten: string[] = [];
    for (const stored of page) {
      const event = readable(stored);
      const network = event && (await networkOf(event, recall));
      if (event?.type.startsWith("erasure."))
        forgotten.push((event.data as { readonly erasure: Erasure }).erasure.user.userId);
      if (event) {
        sums.add(countsOf({ stored, event, network }, recall));
        anomalies.push(...anomaliesOf({ stored, event, network }, recall));
      }
      const { position, stream, revision, type, time } = stored;
      entries.push({
        event: { position, stream, revision, type, time },
        terms: termsOf(stored, event),
        addresses: network ? [network.address, network.block] : [],
        owner: network?.owner ?? null,
      });
    }
    const last = page.at(-1);
    return {
      from,
      to: last?.position ?? from,
      lastId: last?.id ?? "",
      entries,
      counts: sums.all(),
      anomalies,
      memories: memories(),
      forgotten,
    };
  }

  for (let added = 0; ; ) {
    signal?.throwIfAborted();
    const { position } = index.checkpoint();
    const page = await store.readAll(position, pageSize);
    if (page.length === 0) return added;
    if (index.apply(await batchOf(position, page))) added += page.length;
    else await clock.sleep(turn, signal);
    progress?.(page.at(-1)?.position ?? position);
  }
}
