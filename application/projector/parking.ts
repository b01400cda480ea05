import type { StoredEvent } from "../ports/event-store.ts";
import type { Fillable, Put } from "../ports/read-models.ts";

/** A stream that holds an event which cannot be projected; what follows in it waits too. */
export interface Parked {
  readonly stream: string;
  /** Of the event that could not be projected. */
  readonly position: string;
  readonly revision: number;
  readonly type: string;
  readonly reason: string;
  /** When that event was appended, epoch ms. */
  readonly since: number;
  readonly status: "parked" | "mended";
}

/** The read model of parked streams, in it also how to find those that still are. */
export const parkedCollection = "parked";
export const stillParked = ["status", "parked"] as const;

/** How long a mended stream is remembered as such, ms. */
const rememberMended = 86_400_000;
const pageSize = 500;

/** The note that a stream is parked because of this event. */
export function parkedPut(event: StoredEvent, error: unknown): Put {
  const { stream, position, revision, type, time } = event;
  const reason = error instanceof Error ? error.message : String(error);
  const document: Parked = {
    stream,
    position: String(position),
    revision,
    type,
    reason,
    since: time,
    status: "parked",
  };
  return {
    collection: parkedCollection,
    id: stream,
    document: { ...document },
    indexes: Object.fromEntries([stillParked]),
    expiresAt: null,
  };
}

/** The note that a stream is projected again. */
export function mendedPut(parked: Parked, at: number): Put {
  return {
    collection: parkedCollection,
    id: parked.stream,
    document: { ...parked, status: "mended" },
    indexes: {},
    expiresAt: at + rememberMended,
  };
}

/** The streams that are parked in these read models. */
export async function parkedIn(readModels: Fillable): Promise<Map<string, Parked>> {
  const parked = new Map<string, Parked>();
  let after = "";
  for (;;) {
    const page = await readModels.listUnfinished(parkedCollection, {
      index: stillParked,
      after,
      limit: pageSize,
    });
    for (const { id, document } of page) parked.set(id, document as unknown as Parked);
    after = page.at(-1)?.id ?? "";
    if (page.length < pageSize) return parked;
  }
}
