import type { StoredEvent } from "../../../application/ports/event-store.ts";
import type {
  AccessToken,
  ActiveGrant,
  GrantEvent,
  GrantTerms,
  RefreshToken,
} from "../../../domain/grant/grant.ts";
import type { SessionEvent } from "../../../domain/session/session.ts";
import type { TokenRef } from "./token-ref.ts";

export type Recorded<Event> = StoredEvent & Event;

/** An event that issued an access token. */
export type Issuance = Recorded<Extract<GrantEvent, { data: { accessToken: AccessToken } }>>;

/** The log, by what the checks ask it for. */
export interface LogIndex {
  readonly all: readonly StoredEvent[];
  /** The events of each grant, in order. */
  readonly grants: ReadonlyMap<string, readonly Recorded<GrantEvent>[]>;
  /** The session events of each user, in order. */
  readonly sessions: ReadonlyMap<string, readonly Recorded<SessionEvent>[]>;
  readonly issuances: ReadonlyMap<string, Issuance>;
  readonly codes: ReadonlySet<string>;
  /** Which refresh token has this hash. */
  readonly refreshTokens: ReadonlyMap<string, RefreshToken & { readonly grantId: string }>;
}

export const isIssuance = (event: Recorded<GrantEvent>): event is Issuance => "accessToken" in event.data;

/** The state that an event leaves behind, where the grant is active then. */
export const activeAfter = (event: Recorded<GrantEvent> | undefined): ActiveGrant | undefined =>
  event?.data.grant.status === "active" ? event.data.grant : undefined;

function byStream<Event>(log: readonly StoredEvent[], prefix: string): Map<string, Recorded<Event>[]> {
  const streams = new Map<string, Recorded<Event>[]>();
  for (const event of log) {
    if (!event.stream.startsWith(prefix)) continue;
    const key = event.stream.slice(prefix.length);
    const events = streams.get(key) ?? [];
    events.push(event as Recorded<Event>);
    streams.set(key, events);
  }
  for (const events of streams.values()) events.sort((a, b) => a.revision - b.revision);
  return streams;
}

function refreshTokensOf(issuances: Iterable<Issuance>) {
  const tokens = new Map<string, RefreshToken & { readonly grantId: string }>();
  for (const { data, revision } of issuances) {
    const { refreshToken, grantId } = data.grant;
    if (refreshToken?.revision === revision) tokens.set(refreshToken.hash, { ...refreshToken, grantId });
  }
  return tokens;
}

/** Sorts a log for the checks. */
export function indexLog(all: readonly StoredEvent[]): LogIndex {
  const grants = byStream<GrantEvent>(all, "grant-");
  const events = [...grants.values()].flat();
  const issuances = new Map(
    events.filter(isIssuance).map((event) => [event.data.accessToken.hash, event] as const),
  );
  const codes = events.flatMap(({ data: { grant } }) =>
    grant.status === "pending" ? [grant.code.hash] : [],
  );
  return {
    all,
    grants,
    sessions: byStream<SessionEvent>(all, "sessions-"),
    issuances,
    codes: new Set(codes),
    refreshTokens: refreshTokensOf(issuances.values()),
  };
}

/** What a token that was really issued hangs on, and when it dies by itself; undefined for one that never was. */
export function standingOf(
  { grants, issuances, refreshTokens }: LogIndex,
  token: TokenRef,
): { readonly terms: GrantTerms; readonly revision: number; readonly expiresAt: number } | undefined {
  if (token.kind === "access") {
    const issuance = issuances.get(token.hash);
    const { revision, expiresAt } = issuance?.data.accessToken ?? {};
    return issuance && revision !== undefined && expiresAt !== undefined
      ? { terms: issuance.data.grant, revision, expiresAt }
      : undefined;
  }
  const known = refreshTokens.get(token.hash);
  const terms = known && grants.get(known.grantId)?.[0]?.data.grant;
  return known && terms && { terms, revision: known.revision, expiresAt: known.expiresAt };
}
