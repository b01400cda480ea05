import type { Session } from "../../domain/session/session.ts";
import { catalog, decode, UnreadableEvent } from "../events/catalog.ts";
import type { EventStore, StoredEvent } from "../ports/event-store.ts";
import {
  type Batch,
  type Checkpoint,
  type DocumentKey,
  type Fillable,
  isParked,
  type Put,
} from "../ports/read-models.ts";
import { projections } from "../projections/index.ts";
import { mendedPut, type Parked, parkedAt, parkedPut } from "./parking.ts";
import { documentsOf } from "./stream-documents.ts";

const handled = new Set(projections.flatMap(({ handles }) => [...handles]));
const pageSize = 500;

/** What these events write. @throws {UnreadableEvent} */
function project(stored: StoredEvent): readonly Put[] {
  if (!(stored.type in catalog)) throw new UnreadableEvent(`unknown event type ${stored.type}`);
  if (!handled.has(stored.type)) return [];
  const event = decode(stored);
  return projections.map(({ handle }) => handle(event, stored.id)).filter((put) => put !== undefined);
}

/** Makes batches of events, for the read models that they are to be applied to. */
export interface Batches {
  /**
   * The batch of these events on top of a checkpoint, up to `to`.
   * @param underWay resolves when what was made before is in the read models, which are read where a stream is parked
   */
  make(
    at: Pick<Checkpoint, "position" | "incarnation">,
    events: readonly StoredEvent[],
    to: bigint,
    underWay?: Promise<unknown>,
  ): Promise<Batch>;
}

/** What a batch writes, while it is made; of several writes to one document only the last counts. */
class Draft {
  readonly puts = new Map<string, Put>();
  readonly parks = new Map<string, DocumentKey>();

  put(put: Put): void {
    const key = `${put.collection}/${put.id}`;
    this.puts.set(key, put);
    this.parks.delete(key);
  }

  park(key: DocumentKey): void {
    this.parks.set(`${key.collection}/${key.id}`, key);
  }

  sessionsOf(userId: string): readonly DocumentKey[] {
    return [...this.puts.values()].filter(
      ({ collection, document }) =>
        collection === "sessions" && (document.session as Session | null)?.userId === userId,
    );
  }
}

/** Whether a document is one that this stream alone writes. */
function ownedBy(stream: string): (key: DocumentKey) => boolean {
  const own = documentsOf(stream);
  return own.kind === "sessions"
    ? ({ collection }) => collection === "sessions"
    : ({ collection, id }) => own.keys.some((key) => key.collection === collection && key.id === id);
}

async function sessionsIn(readModels: Fillable, userId: string): Promise<readonly DocumentKey[]> {
  const keys: DocumentKey[] = [];
  for (let after = ""; ; ) {
    const page = await readModels.listUnfinished("sessions", {
      index: ["user", userId],
      after,
      limit: pageSize,
    });
    keys.push(
      ...page.filter(({ document }) => !isParked(document)).map(({ id }) => ({ collection: "sessions", id })),
    );
    after = page.at(-1)?.id ?? "";
    if (page.length < pageSize) return keys;
  }
}

/**
 * Builds the maker of batches. An event that cannot be projected stops nothing: its stream is parked, with what follows
 * in it, until a retry is asked for in the log. Make it anew whenever another projector was faster.
 * @param at where the read models stand: nothing of what others wrote beyond it is known here
 * @param parked is told of each event that parks a stream
 */
export async function createBatches(
  store: EventStore,
  readModels: Fillable,
  at: bigint,
  parked: (event: StoredEvent, error: unknown) => void,
): Promise<Batches> {
  const streams = await parkedAt(readModels, at);

  async function park(
    draft: Draft,
    event: StoredEvent,
    error: unknown,
    underWay: Promise<unknown> | undefined,
  ): Promise<void> {
    const note = parkedPut(event, error);
    draft.put(note);
    streams.set(event.stream, note.document as unknown as Parked);
    const documents = documentsOf(event.stream);
    await underWay;
    const keys =
      documents.kind === "keys"
        ? documents.keys
        : [...(await sessionsIn(readModels, documents.userId)), ...draft.sessionsOf(documents.userId)];
    for (const key of keys) draft.park(key);
    parked(event, error);
  }

  /**
   * All that a stream wrote up to a position; undefined where one of its events still cannot be projected. What it wrote
   * into documents that other streams write too, before it was parked, is there or was overwritten since.
   */
  async function reprojected(
    stream: string,
    since: bigint,
    upTo: bigint,
  ): Promise<readonly Put[] | undefined> {
    const puts: Put[] = [];
    const isOwn = ownedBy(stream);
    for (let from = 0; ; ) {
      const events = await store.read(stream, { direction: "forwards", from, limit: pageSize });
      try {
        for (const event of events)
          if (event.position <= upTo)
            puts.push(...project(event).filter((put) => event.position >= since || isOwn(put)));
      } catch {
        return undefined;
      }
      if (events.length < pageSize) return puts;
      from = (events.at(-1)?.revision ?? 0) + 1;
    }
  }

  /** Takes up parked streams again: the one that is named, or all. */
  async function retry(draft: Draft, { stream }: { readonly stream: string | null }, asked: StoredEvent) {
    for (const [name, note] of stream === null
      ? [...streams]
      : [...streams].filter(([name]) => name === stream)) {
      const puts = await reprojected(name, BigInt(note.position), asked.position);
      if (!puts) continue;
      for (const put of [...puts, mendedPut(note, asked)]) draft.put(put);
      streams.delete(name);
    }
  }

  async function add(
    draft: Draft,
    event: StoredEvent,
    underWay: Promise<unknown> | undefined,
  ): Promise<void> {
    if (streams.has(event.stream)) return;
    let puts: readonly Put[];
    try {
      puts = project(event);
    } catch (error) {
      return await park(draft, event, error, underWay);
    }
    for (const put of puts) draft.put(put);
    if (event.type === "projection.retried")
      await retry(draft, event.data as { stream: string | null }, event);
  }

  return {
    async make({ position: from, incarnation }, events, to, underWay) {
      const draft = new Draft();
      for (const event of events) await add(draft, event, underWay);
      return { from, incarnation, to, puts: [...draft.puts.values()], parks: [...draft.parks.values()] };
    },
  };
}
