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
  /** Where a retry took it up again; null while it is parked. */
  readonly mendedAt: string | null;
}

/** The read model of parked streams. */
export const parkedCollection = "parked";

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
    mendedAt: null,
  };
  return {
    collection: parkedCollection,
    id: stream,
    document: { ...document },
    indexes: {},
    expiresAt: null,
  };
}

/** The note that a stream is projected again because of this event. */
export function mendedPut(parked: Parked, { position, time }: StoredEvent): Put {
  const document: Parked = { ...parked, mendedAt: String(position) };
  return {
    collection: parkedCollection,
    id: parked.stream,
    document: { ...document },
    indexes: {},
    expiresAt: time + rememberMended,
  };
}

function isParkedAt({ position, mendedAt }: Parked, at: bigint): boolean {
  return BigInt(position) <= at && (mendedAt === null || BigInt(mendedAt) > at);
}

/**
 * The streams that are parked where the read models stand at a position: a part of them may be further, and its notes
 * say nothing yet about the others.
 */
export async function parkedAt(readModels: Fillable, at: bigint): Promise<Map<string, Parked>> {
  const parked = new Map<string, Parked>();
  for (let after = ""; ; ) {
    const page = await readModels.listUnfinished(parkedCollection, { after, limit: pageSize });
    for (const { id, document } of page) {
      const note = document as unknown as Parked;
      if (isParkedAt(note, at)) parked.set(id, note);
    }
    after = page.at(-1)?.id ?? "";
    if (page.length < pageSize) return parked;
  }
}

/** The streams that are parked now. */
export const parkedIn = async (readModels: Fillable): Promise<Map<string, Parked>> =>
  await parkedAt(readModels, (await readModels.checkpoint()).position);
