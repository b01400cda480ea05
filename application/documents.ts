import type { Client } from "../domain/client/client.ts";
import type { Consent } from "../domain/consent/consent.ts";
import type { DomainEvent } from "../domain/decider.ts";
import type { Grant } from "../domain/grant/grant.ts";
import type { Resource } from "../domain/resource/resource.ts";
import type { Library } from "../domain/score/library.ts";
import type { StoredScore } from "../domain/score/stored-score.ts";
import type { Sessions } from "../domain/session/session.ts";
import type { SigningKeys } from "../domain/signing-key/signing-key.ts";
import type { User } from "../domain/user/user.ts";
import type { Freshness } from "./freshness.ts";
import type { Log } from "./log.ts";
import { Unavailable } from "./ports/event-store.ts";
import { isParked, type ListQuery, type ReadModels } from "./ports/read-models.ts";
import { consentId } from "./projections/clients.ts";
import { libraryId, type ScoreSummary, scoreSummaryOf } from "./projections/scores.ts";
import { type SessionStanding, standingOf } from "./projections/sessions.ts";
import { signingKeysId } from "./projections/signing-keys.ts";
import { streams } from "./streams.ts";

/** Where a document is: in the read models, and in the last event of its stream. */
export interface Ref<T> {
  readonly collection: string;
  readonly id: string;
  readonly stream: string;
  readonly from: (event: DomainEvent) => T;
}

/** The same member of every event of a stream: the state that it leaves behind. */
const member =
  <T>(name: string) =>
  (event: DomainEvent) =>
    (event.data as Record<string, T>)[name] as T;

/** The documents that decisions and validations are made of. */
export const ref = {
  grant: (id: string): Ref<Grant> => ({
    collection: "grants",
    id,
    stream: streams.grant(id),
    from: member("grant"),
  }),
  client: (id: string): Ref<Client> => ({
    collection: "clients",
    id,
    stream: streams.client(id),
    from: member("client"),
  }),
  user: (id: string): Ref<User> => ({
    collection: "users",
    id,
    stream: streams.user(id),
    from: member("user"),
  }),
  resource: (id: string): Ref<Resource> => ({
    collection: "resources",
    id,
    stream: streams.resource(id),
    from: member("resource"),
  }),
  consent: (userId: string, clientId: string): Ref<Consent> => ({
    collection: "consents",
    id: consentId(userId, clientId),
    stream: streams.consent(userId, clientId),
    from: member("consent"),
  }),
  /** `startedAt` is that of the session: where a user's list no longer names it, its end is told by its age. */
  session: (userId: string, sessionId: string, startedAt: number): Ref<SessionStanding> => ({
    collection: "sessions",
    id: sessionId,
    stream: streams.sessions(userId),
    from: (event) => standingOf(member<Sessions>("sessions")(event), sessionId, startedAt),
  }),
  /** `id` as `storedScoreId` forms it. */
  score: (id: string): Ref<StoredScore> => ({
    collection: "scores",
    id,
    stream: streams.score(id),
    from: member("stored"),
  }),
  scoreSummary: (id: string): Ref<ScoreSummary> => ({
    collection: "score_summaries",
    id,
    stream: streams.score(id),
    from: (event) => scoreSummaryOf(member<StoredScore>("stored")(event)),
  }),
  library: (): Ref<Library> => ({
    collection: "library",
    id: libraryId,
    stream: streams.library,
    from: member("library"),
  }),
  signingKeys: (): Ref<SigningKeys> => ({
    collection: "signing_keys",
    id: signingKeysId,
    stream: streams.signingKeys,
    from: member("keys"),
  }),
};

type Loaded<Refs extends readonly Ref<unknown>[]> = {
  -readonly [Index in keyof Refs]: Refs[Index] extends Ref<infer T> ? T | undefined : never;
};

/** Reads what is true now, never from a read model that is not to be believed. */
export interface Documents {
  /** From the read models in one round trip; undefined where they are stale or lack one of these. */
  fromReadModels<const Refs extends readonly Ref<unknown>[]>(refs: Refs): Promise<Loaded<Refs> | undefined>;
  /** From the last event of each stream: slower, right all the same. Undefined members never existed. */
  fromLog<const Refs extends readonly Ref<unknown>[]>(refs: Refs): Promise<Loaded<Refs>>;
  /** From the read models where they are fresh; from the log what is missing there. */
  load<const Refs extends readonly Ref<unknown>[]>(refs: Refs): Promise<Loaded<Refs>>;
  /** Documents found by an index, or all of a collection. @throws {Unavailable} where the read models are stale */
  list<T>(refOf: (id: string) => Ref<T>, query: ListQuery): Promise<readonly T[]>;
  /**
   * Documents by an index value; where the read models are stale, those that were found the last time as the log has
   * them now, so the caller checks that they still match. @throws {Unavailable} where this process never found any
   */
  find<T>(
    refOf: (id: string) => Ref<T>,
    index: readonly [name: string, value: string],
  ): Promise<readonly T[]>;
  /** Whether this reader had to ask the log, for want of read models that are fresh and whole. */
  askedLog(): boolean;
  /** A reader of its own, with these documents read already, together. */
  ahead(refs: readonly Ref<unknown>[]): Promise<Documents>;
}

/** Documents of one index value that `find` answers at most. */
export const maxFound = 64;

/** How many answers of `find` a process remembers. */
const maxRemembered = 1_000;

/** Builds the reader over read models and log. */
export function createDocuments(readModels: ReadModels, log: Log, freshness: Freshness): Documents {
  const fromStream = async ({ stream, from }: Ref<unknown>): Promise<unknown> => {
    const { event } = await log.last(stream);
    return event && from(event);
  };
  const fromStreams = (refs: readonly Ref<unknown>[]) => Promise.all(refs.map(fromStream));

  /** Undefined where the read models cannot be believed from before the reading to after it. */
  async function believed<T>(read: (incarnation: string) => Promise<T>): Promise<T | undefined> {
    const trust = freshness.trust();
    if (!trust) return undefined;
    const found = await read(trust.incarnation).catch((error: unknown) => {
      if (error instanceof Unavailable) return undefined;
      throw error;
    });
    return freshness.trust() === trust ? found : undefined;
  }

  async function read(refs: readonly Ref<unknown>[]): Promise<readonly unknown[] | undefined> {
    const documents = await believed((incarnation) => readModels.getMany(refs, incarnation));
    return documents?.map((document) => (document && !isParked(document) ? document : undefined));
  }

  async function listed(refOf: (id: string) => Ref<unknown>, query: ListQuery) {
    const found = await believed((incarnation) => readModels.list(refOf("").collection, query, incarnation));
    if (!found) throw new Unavailable("the read models are stale");
    const documents = found.map(({ id, document }) =>
      isParked(document) ? fromStream(refOf(id)) : document,
    );
    return { ids: found.map(({ id }) => id), documents: await Promise.all(documents) };
  }

  const remembered = new Map<string, readonly string[]>();

  async function find(
    refOf: (id: string) => Ref<unknown>,
    index: readonly [name: string, value: string],
  ): Promise<readonly unknown[]> {
    const key = JSON.stringify([refOf("").collection, index]);
    try {
      const { ids, documents } = await listed(refOf, { index, limit: maxFound });
      if (ids.length > 0 && (remembered.has(key) || remembered.size < maxRemembered))
        remembered.set(key, ids);
      return documents;
    } catch (error) {
      const ids = remembered.get(key);
      if (!ids || !(error instanceof Unavailable)) throw error;
      return await fromStreams(ids.map(refOf));
    }
  }

  function over(readOnce: typeof read): Documents {
    let askedLog = false;
    const fromLog = (ref: Ref<unknown>): Promise<unknown> => {
      askedLog = true;
      return fromStream(ref);
    };
    return {
      async fromReadModels(refs) {
        const known = await readOnce(refs);
        return known?.every((document) => document !== undefined)
          ? (known as Loaded<typeof refs>)
          : undefined;
      },
      fromLog: async (refs) => (await Promise.all(refs.map(fromLog))) as Loaded<typeof refs>,
      async load(refs) {
        const known = await readOnce(refs);
        const loaded = refs.map((ref, index) => known?.[index] ?? fromLog(ref));
        return (await Promise.all(loaded)) as Loaded<typeof refs>;
      },
      list: async <T>(refOf: (id: string) => Ref<T>, query: ListQuery) =>
        (await listed(refOf, query)).documents as readonly T[],
      find: async <T>(refOf: (id: string) => Ref<T>, index: readonly [string, string]) =>
        (await find(refOf, index)) as readonly T[],
      askedLog: () => askedLog,
      async ahead(refs) {
        const documents = await read(refs);
        if (!documents) return over(read);
        return over(async (asked) => {
          // They are few: to look through them takes less than to make keys of them.
          const places = asked.map(({ collection, id }) =>
            refs.findIndex((ref) => ref.id === id && ref.collection === collection),
          );
          return places.includes(-1) ? await read(asked) : places.map((place) => documents[place]);
        });
      },
    };
  }
  return over(read);
}
