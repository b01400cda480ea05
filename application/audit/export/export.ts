import type { Clock } from "../../ports/clock.ts";
import type { EventStore, StoredEvent } from "../../ports/event-store.ts";
import { cursorAt } from "./cursor.ts";
import { type AuditRecord, readable, recordOf } from "./record.ts";
import { createOpener, type RevealDependencies } from "./reveal.ts";

export interface ExportDependencies {
  readonly store: Pick<EventStore, "logId" | "readAll" | "lastPosition" | "subscribe">;
  readonly clock: Pick<Clock, "sleep">;
}

export interface ExportRequest {
  /** The position after which it begins; 0 for all. */
  readonly after: bigint;
  /** Epoch milliseconds: no event before. */
  readonly since?: number | undefined;
  /** Epoch milliseconds: no event from then on. */
  readonly until?: number | undefined;
  /** Records at most. */
  readonly limit?: number | undefined;
  /** How the types of events begin; none for all. */
  readonly types: readonly string[];
  /** Whether to go on as the log grows. */
  readonly follows: boolean;
  /** Opens personal fields; undefined to leave them out. That it is done has to be recorded before. */
  readonly reveals?: RevealDependencies | undefined;
}

/** Some records, perhaps none, and how far the log was read for them. */
export interface ExportPage {
  readonly records: readonly AuditRecord[];
  readonly position: bigint;
  /** To go on after this page. */
  readonly cursor: string;
}

/** Events read at once: as few as keep the memory small where each of them is large. */
const pageSize = 500;

/** The log after a position: up to where it ends now, or for ever. */
async function* pagesOf(
  { store, clock }: ExportDependencies,
  { after, follows }: ExportRequest,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredEvent[]> {
  if (follows) return yield* store.subscribe(after, signal);
  const end = await store.lastPosition();
  for (let position = after; position < end && !signal.aborted; ) {
    const events = await store.readAll(position, pageSize);
    const page = events.filter((event) => event.position <= end);
    if (page.length === 0) return;
    yield page;
    position = page.at(-1)?.position ?? end;
    // An embedded log is read on this thread, which others want too.
    await clock.sleep(0);
  }
}

const isAsked =
  ({ since = 0, until = Number.POSITIVE_INFINITY, types }: ExportRequest) =>
  ({ time, type }: StoredEvent): boolean =>
    time >= since && time < until && (types.length === 0 || types.some((prefix) => type.startsWith(prefix)));

/**
 * The log as records, page by page; memory holds one page. Ends where the log ended when it began, at the limit, or,
 * after the page under way, when the signal is aborted. @throws {Unavailable}
 */
export async function* exportRecords(
  dependencies: ExportDependencies,
  request: ExportRequest,
  signal: AbortSignal,
): AsyncGenerator<ExportPage> {
  const { store } = dependencies;
  const asked = isAsked(request);
  let left = request.limit ?? Number.POSITIVE_INFINITY;

  async function recordsOf(events: readonly StoredEvent[]): Promise<readonly AuditRecord[]> {
    const open = request.reveals && events.length > 0 ? await createOpener(request.reveals) : undefined;
    const records: AuditRecord[] = [];
    for (const stored of events) {
      const event = readable(stored);
      records.push(recordOf(store, stored, event, event && (await open?.(event))));
    }
    return records;
  }

  for await (const page of pagesOf(dependencies, request, signal)) {
    const wanted = page.filter(asked).slice(0, left);
    left -= wanted.length;
    const position = (left === 0 ? wanted : page).at(-1)?.position ?? request.after;
    yield { records: await recordsOf(wanted), position, cursor: cursorAt(store, position) };
    if (left === 0) return;
  }
}
