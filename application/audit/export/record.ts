import type { DomainEvent } from "../../../domain/decider.ts";
import { decode, UnreadableEvent } from "../../events/catalog.ts";
import { sentenceOf } from "../../events/words/index.ts";
import type { EventStore, StoredEvent } from "../../ports/event-store.ts";
import { cursorAt } from "./cursor.ts";
import type { Personal } from "./reveal.ts";
import { toldOf } from "./told/index.ts";
import { type Facts, toldStream } from "./told/told.ts";

/** An event as it is given out. */
export interface AuditRecord {
  /** Where an export that ended here goes on. */
  readonly cursor: string;
  readonly stored: Omit<StoredEvent, "data">;
  /** What the event says that may be told, in today's form; nothing where it cannot be read. */
  readonly data: Facts;
  readonly sentence: string;
  /** In the clear; undefined where nothing was revealed. */
  readonly personal: Personal | undefined;
}

/** A stored event in today's form; undefined for one that only a newer Dacapo can read. */
export function readable(stored: StoredEvent): DomainEvent | undefined {
  try {
    return decode(stored);
  } catch (error) {
    if (error instanceof UnreadableEvent) return undefined;
    throw error;
  }
}

/** What is given out of an event. */
export function recordOf(
  store: Pick<EventStore, "logId">,
  { data: _, ...stored }: StoredEvent,
  event: DomainEvent | undefined,
  personal: Personal | undefined,
): AuditRecord {
  return {
    cursor: cursorAt(store, stored.position),
    stored: { ...stored, stream: toldStream(stored.stream) },
    data: event ? toldOf(event) : {},
    sentence: event ? sentenceOf(event) : `${stored.type}: this version of Dacapo cannot read it`,
    personal,
  };
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const list = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? (value as readonly string[]) : typeof value === "string" ? [value] : undefined;

/** Who and what a record is about, wherever it says so. */
export interface Subject {
  readonly clientId: string | undefined;
  readonly userId: string | undefined;
  readonly grantId: string | undefined;
  readonly sessionId: string | undefined;
  readonly scope: readonly string[] | undefined;
  readonly resource: readonly string[] | undefined;
  readonly reason: string | undefined;
  readonly count: number | undefined;
}

/** Who and what a record is about. */
export function subjectOf({ data }: Pick<AuditRecord, "data">): Subject {
  const opener = (data.openedBy ?? {}) as Facts;
  const count = typeof data.count === "number" ? data.count : undefined;
  return {
    clientId: text(data.clientId) ?? text(opener.clientId),
    userId: text(data.userId),
    grantId: text(data.grantId) ?? text(opener.grantId),
    sessionId: text(data.sessionId),
    scope: list(data.scope) ?? list(data.scopes) ?? list(opener.scope),
    resource: list(data.audience) ?? list(data.uri),
    reason: text(data.reason) ?? (count === undefined ? undefined : text(data.kind)),
    count,
  };
}

const refusals: ReadonlySet<string> = new Set([
  "grant.code.replayed",
  "grant.refresh_token.reused",
  "refusals.counted",
]);

/** Whether what the record tells of was granted or done, or refused. */
export const outcomeOf = ({ stored }: Pick<AuditRecord, "stored">): "success" | "failure" =>
  refusals.has(stored.type) ? "failure" : "success";
