import { type ActiveGrant, type Grant, lastsUntil } from "../../domain/grant/grant.ts";
import { scopeNow } from "../../domain/grant/issue.ts";
import { isAccessTokenRevoked } from "../../domain/grant/revoke.ts";
import type { Scope } from "../../domain/oauth/scope.ts";
import { isExpired } from "../../domain/session/decide.ts";
import type { Session, Sessions } from "../../domain/session/session.ts";
import type { User } from "../../domain/user/user.ts";
import { ref } from "../documents.ts";
import { decode } from "../events/catalog.ts";
import type { Clock } from "../ports/clock.ts";
import type { StoredEvent } from "../ports/event-store.ts";
import { isActiveClient, livesBy, userAndSessionRefs } from "../queries/standing.ts";
import { streams } from "../streams.ts";
import { term } from "./index/terms.ts";
import { createPast, documentsOf, eventAt, Gone, type Past, type PastDependencies } from "./past.ts";
import { nameOf } from "./reason.ts";
import { NotFound } from "./token.ts";

/** One way in which somebody could act. Times are epoch milliseconds. */
export interface Access {
  /** `app`: by tokens of a client; `code`: one that could still be redeemed; `session`: signed in by a browser, or an open MCP session. */
  readonly how: "app" | "code" | "session";
  /** Of the grant or session. */
  readonly id: string;
  readonly clientId: string | null;
  readonly scope: Scope;
  readonly resources: readonly string[];
  /** How many access tokens were good, as far as the grant still knows them. */
  readonly accessTokens: number;
  readonly canRefresh: boolean;
  readonly since: number;
  /** When it would have ended by itself. */
  readonly until: number;
  /** The event that left it so, as `stream@revision`. */
  readonly event: string;
}

/** All that a user, or a client for itself, could do at one moment. */
export interface AccessAt {
  readonly at: number;
  readonly position: bigint;
  /** `unknown`: there was nobody of this id yet, or what would tell has left the log. */
  readonly status: "active" | "disabled" | "erased" | "deleted" | "unknown";
  /** What the user could grant, or the client ask for. */
  readonly scope: Scope;
  /** The event that left the holder so. */
  readonly event: string | null;
  readonly access: readonly Access[];
  /** Grants that may have been alive, but whose events have left the log. */
  readonly gone: readonly string[];
  /** False where older grants than these may have been alive. */
  readonly isComplete: boolean;
}

/** Grants of one holder that are looked at, the newest first. */
const maxGrants = 5_000;
/** So many of them before others get their turn. */
const atOnce = 50;

export interface AccessDependencies extends PastDependencies {
  readonly clock: Pick<Clock, "sleep">;
}

interface Holder {
  readonly status: AccessAt["status"];
  readonly scopes: Scope;
  readonly epoch: number;
  readonly event: string;
}

async function holderAt(past: Past, id: string): Promise<Holder | undefined> {
  try {
    const found = id.startsWith("u_") ? await past.state(ref.user(id)) : await past.state(ref.client(id));
    return found && { ...found.document, event: nameOf(found.event) };
  } catch (error) {
    if (error instanceof Gone) return undefined;
    throw error;
  }
}

const liveTokens = (grant: ActiveGrant, at: number): number =>
  grant.accessTokens.filter(
    ({ revision, expiresAt }) => expiresAt > at && !isAccessTokenRevoked(grant, revision),
  ).length;

/** What a grant allowed then; undefined where it allowed nothing any more. */
async function accessBy(
  past: Past,
  grant: Grant,
  event: StoredEvent,
  at: number,
): Promise<Access | undefined> {
  if (grant.status === "ended" || grant.expiresAt <= at || lastsUntil(grant) <= at) return undefined;
  const documents = documentsOf(past);
  const [client, ...holders] = await documents.load([
    ref.client(grant.clientId),
    ...userAndSessionRefs(grant),
  ]);
  const [user, session] = grant.userId === null ? [undefined, holders[0]] : holders;
  if (!livesBy(grant, client, user as User | undefined, session as never) || !isActiveClient(client))
    return undefined;
  const scope = scopeNow(grant, { client: client.scopes, user: (user as User | undefined)?.scopes ?? null });
  if (scope.length === 0) return undefined;
  const isActive = grant.status === "active";
  return {
    how: isActive ? "app" : "code",
    id: grant.grantId,
    clientId: grant.clientId,
    scope,
    resources: grant.audience,
    accessTokens: isActive ? liveTokens(grant, at) : 0,
    canRefresh: isActive && grant.refreshToken !== null && grant.refreshToken.expiresAt > at,
    since: grant.authorizedAt,
    until: lastsUntil(grant),
    event: nameOf(event),
  };
}

interface Question extends PastDependencies {
  readonly holder: string;
  readonly past: Past;
  readonly at: number;
}

async function sessionsAt(
  question: Question,
  epoch: number,
  isAlive: (grantId: string) => boolean,
): Promise<readonly Access[]> {
  const { holder, past, at, index } = question;
  const last = index.last(streams.sessions(holder), past.position);
  const stored = last && (await eventAt(question, last));
  if (!stored) return [];
  const { live } = (decode(stored).data as { readonly sessions: Sessions }).sessions;
  const isOpen = (session: Session): boolean =>
    !isExpired(session, at) &&
    session.userEpoch === epoch &&
    (session.openedBy === null || isAlive(session.openedBy.grantId));
  return live.filter(isOpen).map((session) => ({
    how: "session",
    id: session.sessionId,
    clientId: session.openedBy?.clientId ?? null,
    scope: session.openedBy?.scope ?? [],
    resources: [],
    accessTokens: 0,
    canRefresh: false,
    since: session.startedAt,
    until: Math.min(session.expiresAt, session.absoluteExpiresAt),
    event: nameOf(stored),
  }));
}

/** Whether a grant that left the log may have been alive: only what was dead for long is ever removed. */
function mayHaveLived({ index, at }: Question, stream: string): boolean {
  const [removed] = index.find([term.removed(stream)], { limit: 1 });
  return removed === undefined || at < removed.time;
}

/**
 * Tells all that a user, or a client for itself, could do at an instant (epoch ms): sessions that were open, grants that
 * were alive with what was left of their scope, and codes that could be redeemed.
 * @param holder the id of a user or of a client
 */
export async function accessAt(
  dependencies: AccessDependencies,
  holder: string,
  at: number,
): Promise<AccessAt> {
  const { index } = dependencies;
  const past = createPast(dependencies, index.positionAt(at));
  const question: Question = { ...dependencies, holder, past, at };
  const { position } = past;
  const found = await holderAt(past, holder);
  const begun = index.find([term.grantsOf(holder)], { to: position, limit: maxGrants, newestFirst: true });
  const grants: Access[] = [];
  const gone: string[] = [];
  for (const [looked, { stream }] of begun.entries()) {
    if (looked % atOnce === atOnce - 1) await dependencies.clock.sleep(0);
    const last = index.last(stream, position);
    const stored = last && (await eventAt(dependencies, last));
    const own = stored && (await accessBy(past, grantIn(stored), stored, at).catch(whereGone));
    if (own && own !== "gone") grants.push(own);
    if (own === "gone" || (!stored && mayHaveLived(question, stream))) gone.push(stream);
  }
  const alive = new Set(grants.map(({ id }) => id));
  const sessions =
    found?.status === "active" ? await sessionsAt(question, found.epoch, (id) => alive.has(id)) : [];
  return {
    at,
    position,
    status: found?.status ?? "unknown",
    scope: found?.scopes ?? [],
    event: found?.event ?? null,
    access: [...sessions, ...grants].sort((one, other) => one.since - other.since),
    gone,
    isComplete: begun.length < maxGrants,
  };
}

/** @throws {NotFound} where the log knows no user and no client of this id */
export function requireHolder({ index }: Pick<AccessDependencies, "index">, holder: string): void {
  const own = holder.startsWith("u_")
    ? [streams.user(holder), streams.erasure(holder)]
    : [streams.client(holder)];
  const terms = [...own.map(term.stream), term.grantsOf(holder)];
  if (terms.every((found) => index.find([found], { limit: 1 }).length === 0))
    throw new NotFound("The log knows no user and no client of this id (a name is no id).");
}

/** What the grant lived by was erased: whether it was alive cannot be told. */
function whereGone(error: unknown): "gone" {
  if (error instanceof Gone) return "gone";
  throw error;
}

const grantIn = (stored: StoredEvent): Grant => (decode(stored).data as { readonly grant: Grant }).grant;

/** What changed in one way to act. */
export interface AccessChange {
  readonly change: "gained" | "lost" | "changed";
  readonly before: Access | undefined;
  readonly after: Access | undefined;
}

const sameAbility = (one: Access, other: Access): boolean =>
  one.how === other.how &&
  one.canRefresh === other.canRefresh &&
  String(one.scope) === String(other.scope) &&
  String(one.resources) === String(other.resources);

/** What could be done at one of two moments and not, or otherwise, at the other. */
export function differenceOf(before: AccessAt, after: AccessAt): readonly AccessChange[] {
  const then = new Map(before.access.map((access) => [access.id, access]));
  const now = new Map(after.access.map((access) => [access.id, access]));
  const ids = new Set([...then.keys(), ...now.keys()]);
  return [...ids].flatMap((id): readonly AccessChange[] => {
    const [old, fresh] = [then.get(id), now.get(id)];
    if (!old || !fresh) return [{ change: old ? "lost" : "gained", before: old, after: fresh }];
    return sameAbility(old, fresh) ? [] : [{ change: "changed", before: old, after: fresh }];
  });
}
