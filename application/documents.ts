import type { Client } from "../domain/client/client.ts";
import type { Consent } from "../domain/consent/consent.ts";
import type { DomainEvent } from "../domain/decider.ts";
import type { Grant } from "../domain/grant/grant.ts";
import type { Resource } from "../domain/resource/resource.ts";
import type { Sessions } from "../domain/session/session.ts";
import type { SigningKeys } from "../domain/signing-key/signing-key.ts";
import type { SubjectKey } from "../domain/user/subject-key.ts";
import type { User } from "../domain/user/user.ts";
import type { Freshness } from "./freshness.ts";
import type { Log } from "./log.ts";
import type { ReadModels } from "./ports/read-models.ts";
import { consentId } from "./projections/clients.ts";
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
  subjectKey: (userId: string): Ref<SubjectKey> => ({
    collection: "subject_keys",
    id: userId,
    stream: streams.subjectKey(userId),
    from: member("subjectKey"),
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
}

/** Builds the reader over read models and log. */
export function createDocuments(readModels: ReadModels, log: Log, freshness: Freshness): Documents {
  const fromStream = async ({ stream, from }: Ref<unknown>): Promise<unknown> => {
    const { event } = await log.last(stream);
    return event && from(event);
  };

  async function load(refs: readonly Ref<unknown>[]): Promise<unknown[]> {
    const known = freshness.isFresh() ? await readModels.getMany(refs).catch(() => []) : [];
    return await Promise.all(refs.map((ref, index) => known[index] ?? fromStream(ref)));
  }

  return {
    async fromReadModels(refs) {
      if (!freshness.isFresh()) return undefined;
      const known = await readModels.getMany(refs).catch(() => undefined);
      return known?.every((document) => document !== undefined) ? (known as Loaded<typeof refs>) : undefined;
    },
    fromLog: async (refs) => (await Promise.all(refs.map(fromStream))) as Loaded<typeof refs>,
    load: async (refs) => (await load(refs)) as Loaded<typeof refs>,
  };
}
