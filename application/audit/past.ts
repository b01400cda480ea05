import type { Erasure } from "../../domain/erasure/erasure.ts";
import type { User } from "../../domain/user/user.ts";
import { type Documents, type Ref, ref } from "../documents.ts";
import { decode } from "../events/catalog.ts";
import type { AuditIndex } from "../ports/audit-index.ts";
import { type EventStore, type StoredEvent, Unavailable } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import type { ArchivedEvents } from "./archived.ts";

/** What the past is read from. */
export interface PastDependencies {
  readonly store: Pick<EventStore, "read">;
  readonly index: Pick<AuditIndex, "last" | "at" | "find" | "positionAt">;
  /** What retention moved from the log. */
  readonly archived: ArchivedEvents;
}

/** An event that the index knows, as the log holds it, or the archive; undefined where neither does. */
export async function eventAt(
  { store, archived }: Pick<PastDependencies, "store" | "archived">,
  { stream, revision }: { readonly stream: string; readonly revision: number },
): Promise<StoredEvent | undefined> {
  const [event] = await store.read(stream, { direction: "forwards", from: revision, limit: 1 });
  return event?.revision === revision ? event : await archived.at(stream, revision);
}

/** The event that a document is made of at one position, and the document. */
export interface PastState<T> {
  readonly event: StoredEvent;
  readonly document: T;
}

/** What is known of the state of a stream at one position. */
export interface Past {
  readonly position: bigint;
  /** The state that the last event up to the position left behind; undefined where there was none. @throws {Gone} */
  state<T>(ref: Ref<T>): Promise<PastState<T> | undefined>;
}

/** The event that tells was removed, by erasure, or by retention and is not in the archive either. */
export class Gone extends Unavailable {
  override readonly name = "Gone";
  readonly stream: string;
  readonly revision: number;
  constructor(stream: string, revision: number) {
    super(`${stream}@${revision} has left the log`);
    this.stream = stream;
    this.revision = revision;
  }
}

/** The erasure of a user, which tells of that user once the user's own events were removed. */
const erasureOf = (userId: string): Ref<User> => ({
  ...ref.user(userId),
  stream: streams.erasure(userId),
  from: ({ data }) => (data as { readonly erasure: Erasure }).erasure.user,
});

/** Streams whose last event is remembered for one question. */
const maxRemembered = 1_000;

/** Reads the past at one position: one look into the index and one event a document, however long the log is. */
export function createPast(dependencies: PastDependencies, position: bigint): Past {
  const { index } = dependencies;

  /** The last events of streams: many grants hang on one user, client and session. */
  const events = new Map<string, Promise<StoredEvent | undefined>>();

  async function lastOf(stream: string): Promise<StoredEvent | undefined> {
    const last = index.last(stream, position);
    if (!last) return undefined;
    const event = await eventAt(dependencies, last);
    if (!event) throw new Gone(last.stream, last.revision);
    return event;
  }

  async function stateIn<T>({ stream, from }: Ref<T>): Promise<PastState<T> | undefined> {
    const known = events.get(stream) ?? lastOf(stream);
    if (events.size >= maxRemembered) events.clear();
    events.set(stream, known);
    const event = await known;
    return event && { event, document: from(decode(event)) };
  }

  return {
    position,
    async state<T>(asked: Ref<T>) {
      const erased = asked.collection === "users" ? await stateIn(erasureOf(asked.id)) : undefined;
      return (erased as PastState<T> | undefined) ?? (await stateIn(asked));
    },
  };
}

/** The documents as they were then, for decisions that are made again as they were made. */
export function documentsOf(past: Past): Documents {
  const load = async (refs: readonly Ref<unknown>[]) =>
    await Promise.all(refs.map(async (asked) => (await past.state(asked))?.document));
  const unlisted = () => Promise.reject(new TypeError("nothing is listed in the past"));
  const documents = {
    async fromReadModels(refs: readonly Ref<unknown>[]) {
      const known = await load(refs);
      return known.includes(undefined) ? undefined : known;
    },
    fromLog: load,
    load,
    list: unlisted,
    find: unlisted,
    askedLog: () => true,
    ahead: async (): Promise<Documents> => documents,
  } as Documents;
  return documents;
}
