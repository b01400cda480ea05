import type { Context } from "../context.ts";
import type { IndexedEvent, Range } from "../ports/audit-index.ts";
import type { EventStore, StoredEvent } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { addressTerms, type OriginDependencies } from "./index/origin.ts";
import { term } from "./index/terms.ts";
import { eventAt, type PastDependencies } from "./past.ts";
import { eventNamed, parseEventName } from "./proof/prove-find.ts";
import { NotFound, readToken } from "./token.ts";

/** What a timeline is about. */
export type Subject =
  | { readonly by: "token"; readonly token: string }
  | { readonly by: "hash"; readonly hash: string }
  | {
      readonly by: "grant" | "user" | "client" | "session" | "key" | "request" | "event";
      readonly id: string;
    }
  | { readonly by: "address"; readonly address: string };

export interface TimelineDependencies
  extends PastDependencies,
    OriginDependencies,
    Pick<Context, "tokens" | "policy"> {}

/** One event of a timeline. */
export interface TimelineEntry {
  readonly indexed: IndexedEvent;
  /** Undefined where it has left the log. */
  readonly stored: StoredEvent | undefined;
  /** Whether it is about the subject itself, or was found by cause and effect. */
  readonly relation: "subject" | "same request" | "cause" | "effect";
}

export interface Timeline {
  readonly entries: readonly TimelineEntry[];
  /** Whether there are more events about the subject, before the first of these. */
  readonly hasEarlier: boolean;
}

/** A request that led to more events than this joins nothing: it was no request of one person. */
const maxOfOneRequest = 64;
/** How often cause and effect are followed from what was found to what that led to. */
const steps = 3;

const grantTerms = (id: string): readonly string[] => [term.stream(streams.grant(id)), term.grant(id)];

/** SHA-256 as base64url, or as hexadecimal, as other tools print it. */
function hashOf(text: string): string {
  if (/^[A-Za-z0-9_-]{43}$/.test(text)) return text;
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex").toString("base64url");
  throw new NotFound("This is no SHA-256: it must have 43 characters of base64url, or 64 hexadecimal ones.");
}

/** An address, or a block of addresses in CIDR form, as the index names it. */
function placeOf({ addressParts }: OriginDependencies, text: string): string {
  const [address = "", bits] = text.split("/");
  const parts = addressParts(address);
  if (!parts)
    throw new NotFound("This is no IP address, and no network such as 203.0.113.0/24 or 2001:db8:1::/48.");
  if (bits === undefined) return parts.address;
  if (!parts.block.endsWith(`/${bits}`))
    throw new NotFound("Networks are known as /24 of IPv4 and /48 of IPv6 only.");
  return parts.block;
}

/** An event is named by its id, its position or stream@revision; the index knows the id. */
export async function namedEvent(
  store: Pick<EventStore, "read" | "readAll">,
  subject: Subject,
): Promise<Subject> {
  const name = subject.by === "event" ? parseEventName(subject.id) : undefined;
  if (!name || "id" in name) return subject;
  const event = await eventNamed(store, name);
  if (!event) throw new NotFound("The log holds no such event.");
  return { by: "event", id: event.id };
}

/** By what the events about a subject are found. @throws {NotFound} where it cannot be one of this server */
export function termsOfSubject(dependencies: TimelineDependencies, subject: Subject): readonly string[] {
  switch (subject.by) {
    case "token": {
      const { kind, grantId, hash } = readToken(dependencies, subject.token);
      return [...grantTerms(grantId), ...(kind === "access_token" ? [term.hash(hash)] : [])];
    }
    case "hash": {
      const [found] = dependencies.index.find([term.hash(hashOf(subject.hash))], { limit: 1 });
      if (!found) throw new NotFound("The log holds no token or code of this hash.");
      return [
        term.stream(found.stream),
        ...(found.stream.startsWith("grant-") ? [term.grant(found.stream.slice(6))] : []),
      ];
    }
    case "grant":
      return grantTerms(subject.id);
    case "request":
      // An error reply names a request by a URN.
      return [term.request(subject.id.replace(/^urn:uuid:/, ""))];
    case "address":
      return addressTerms(dependencies, placeOf(dependencies, subject.address));
    default:
      return [term[subject.by](subject.id)];
  }
}

/** Terms that lead from an event to those of the same request, to what led to it and to what it led to. */
function relatedTerms({ id, metadata: { actor, correlationId, causationId } }: StoredEvent) {
  return [
    ...(actor === "system" ? [] : [{ relation: "same request" as const, term: term.request(correlationId) }]),
    ...(causationId === undefined ? [] : [{ relation: "cause" as const, term: term.event(causationId) }]),
    { relation: "effect" as const, term: term.cause(id) },
  ];
}

const inOrder = (one: TimelineEntry, other: TimelineEntry): number =>
  one.indexed.position < other.indexed.position ? -1 : 1;

async function entryOf(
  dependencies: TimelineDependencies,
  indexed: IndexedEvent,
  relation: TimelineEntry["relation"],
): Promise<TimelineEntry> {
  return { indexed, stored: await eventAt(dependencies, indexed), relation };
}

/** Follows cause and effect from these entries, until nothing is found any more or `limit` entries are reached. */
async function withRelated(
  dependencies: TimelineDependencies,
  entries: readonly TimelineEntry[],
  limit: number,
): Promise<readonly TimelineEntry[]> {
  const found = new Map(entries.map((entry) => [entry.indexed.position, entry]));
  const followed = new Set<string>();
  let latest = entries;
  for (let step = 0; step < steps && latest.length > 0; step += 1) {
    const fresh: TimelineEntry[] = [];
    for (const { relation, term: name } of latest.flatMap(({ stored }) =>
      stored ? relatedTerms(stored) : [],
    )) {
      if (followed.has(name)) continue;
      followed.add(name);
      const events = dependencies.index.find([name], { limit: maxOfOneRequest + 1 });
      if (events.length > maxOfOneRequest) continue;
      for (const event of events) {
        if (found.has(event.position) || found.size >= limit) continue;
        const entry = await entryOf(dependencies, event, relation);
        found.set(event.position, entry);
        fresh.push(entry);
      }
    }
    latest = fresh;
  }
  return [...found.values()].sort(inOrder);
}

export interface TimelineOptions extends Range {
  /** Whether cause and effect are followed beyond the events about the subject itself. */
  readonly isFollowingCauses: boolean;
}

/** Tells what happened to a subject, in the order of the log: the newest events, at most `limit`, and what led to them. */
export async function timelineOf(
  dependencies: TimelineDependencies,
  terms: readonly string[],
  { limit, isFollowingCauses, ...range }: TimelineOptions,
): Promise<Timeline> {
  const newest = dependencies.index.find(terms, { ...range, limit: limit + 1, newestFirst: true });
  const shown = newest.slice(0, limit).reverse();
  const entries = await Promise.all(shown.map((event) => entryOf(dependencies, event, "subject")));
  return {
    entries: isFollowingCauses ? await withRelated(dependencies, entries, 2 * limit) : entries,
    hasEarlier: newest.length > limit,
  };
}
