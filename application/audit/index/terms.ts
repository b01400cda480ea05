import type { Closure } from "../../../domain/closure/closure.ts";
import type { Consent } from "../../../domain/consent/consent.ts";
import type { DomainEvent } from "../../../domain/decider.ts";
import type { Erasure } from "../../../domain/erasure/erasure.ts";
import type { AccessToken, Grant } from "../../../domain/grant/grant.ts";
import type { Retention } from "../../../domain/retention/retention.ts";
import type { Session } from "../../../domain/session/session.ts";
import type { SigningKeys } from "../../../domain/signing-key/signing-key.ts";
import type { StoredEvent } from "../../ports/event-store.ts";

/** By what events are found. Whatever asks and whatever indexes form a term here. */
export const term = {
  stream: (name: string) => `stream:${name}`,
  grant: (id: string) => `grant:${id}`,
  user: (id: string) => `user:${id}`,
  client: (id: string) => `client:${id}`,
  session: (id: string) => `session:${id}`,
  key: (kid: string) => `key:${kid}`,
  /** SHA-256 of a token, or of the secret part of a code or refresh token, as base64url. */
  hash: (hash: string) => `hash:${hash}`,
  event: (id: string) => `event:${id}`,
  request: (correlationId: string) => `request:${correlationId}`,
  cause: (eventId: string) => `cause:${eventId}`,
  /** Where a grant of this user or client began. */
  grantsOf: (holder: string) => `grants-of:${holder}`,
  /** Where this user agreed to something, or withdrew that. */
  consentsOf: (userId: string) => `consents-of:${userId}`,
  /** The event that says that a stream left the log. */
  removed: (stream: string) => `removed:${stream}`,
} as const;

type Data = Readonly<Record<string, unknown>>;

const holderTerms = (id: string): readonly string[] => [
  id.startsWith("u_") ? term.user(id) : term.client(id),
];

function grantTerms({ type, data }: DomainEvent, revision: number): readonly string[] {
  const { grant, accessToken } = data as { readonly grant: Grant; readonly accessToken?: AccessToken };
  const { clientId, userId, sessionId } = grant;
  const refresh = grant.status === "active" ? grant.refreshToken : null;
  const begins = type === "grant.authorized" || type === "grant.client_credentials.issued";
  return [
    term.client(clientId),
    ...(userId === null ? [] : [term.user(userId)]),
    ...(sessionId === null ? [] : [term.session(sessionId)]),
    ...(begins ? [term.grantsOf(userId ?? clientId)] : []),
    ...(grant.status === "pending" ? [term.hash(grant.code.hash)] : []),
    ...(accessToken ? [term.hash(accessToken.hash)] : []),
    ...(refresh?.revision === revision ? [term.hash(refresh.hash)] : []),
  ];
}

function sessionTerms({ session }: { readonly session: Session }): readonly string[] {
  const { sessionId, userId, openedBy } = session;
  return [
    ...holderTerms(userId),
    term.session(sessionId),
    ...(openedBy ? [term.grant(openedBy.grantId), term.client(openedBy.clientId)] : []),
  ];
}

const keyTerms = ({ keys, kids = [] }: { readonly keys: SigningKeys; readonly kids?: readonly string[] }) =>
  [keys.active.kid, keys.next.kid, ...keys.retired.map(({ kid }) => kid), ...kids].map(term.key);

const consentTerms = ({ consent: { userId, clientId } }: { readonly consent: Consent }) => [
  term.user(userId),
  term.client(clientId),
  term.consentsOf(userId),
];

const endingTerm = ({ what, id }: Pick<Closure, "what" | "id">): string =>
  what === "user" ? term.user(id) : what === "client" ? term.client(id) : term.session(id);

const userIn =
  (member: string) =>
  (data: Data): readonly string[] => [term.user((data[member] as { readonly userId: string }).userId)];

const clientIn =
  (member: string) =>
  (data: Data): readonly string[] => {
    const { clientId } = data[member] as { readonly clientId: string };
    return [term.client(clientId)];
  };

const byAggregate: Readonly<Record<string, (data: never) => readonly string[]>> = {
  session: sessionTerms,
  user: userIn("user"),
  username: userIn("reservation"),
  subject_key: userIn("subjectKey"),
  erasure: ({ erasure }: { readonly erasure: Erasure }) => [term.user(erasure.user.userId)],
  consent: consentTerms,
  signing_keys: keyTerms,
  closure: ({ closure }: { readonly closure: Closure }) => [endingTerm(closure)],
  retention: ({ streams }: Retention) => streams.map(({ stream }) => term.removed(stream)),
  refusals: ({ clientId }: { readonly clientId: string | null }) =>
    clientId === null ? [] : [term.client(clientId)],
};

/** Jobs and starts name what they are, not a request: such a name joins nothing. */
const isRequest = ({ actor }: StoredEvent["metadata"]): boolean => actor !== "system";

/**
 * By what an event is found, beside its stream.
 * @param event as today's code reads it; undefined where it cannot
 */
export function termsOf(
  { id, revision, metadata }: Pick<StoredEvent, "id" | "revision" | "metadata">,
  event: DomainEvent | undefined,
): readonly string[] {
  const common = [
    term.event(id),
    ...(isRequest(metadata) ? [term.request(metadata.correlationId)] : []),
    ...(metadata.causationId === undefined ? [] : [term.cause(metadata.causationId)]),
  ];
  if (!event) return common;
  if (event.type.startsWith("grant.")) return [...common, ...grantTerms(event, revision)];
  if (event.type === "client.assertion.used")
    return [...common, ...clientIn("assertion")(event.data as Data)];
  if (event.type.startsWith("client.")) return [...common, ...clientIn("client")(event.data as Data)];
  const of = byAggregate[event.type.split(".")[0] ?? ""];
  return [...common, ...(of?.(event.data as never) ?? [])];
}
