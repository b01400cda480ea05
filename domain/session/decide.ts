import { accept, type Decider, type Decision } from "../decider.ts";
import {
  evolve,
  isEndOnPurpose,
  type Opener,
  type Session,
  type SessionEndReason,
  type SessionEvent,
  type SessionKind,
  type Sessions,
} from "./session.ts";

/** Limits of sessions, in milliseconds where they are times. */
export interface SessionPolicy {
  readonly ttl: number;
  readonly sliding: boolean;
  readonly maxPerUser: number;
  readonly absoluteLifetime: number;
}

export type SessionCommand =
  | {
      readonly type: "start";
      readonly sessionId: string;
      readonly userId: string;
      readonly userEpoch: number;
      readonly kind: SessionKind;
      readonly openedBy: Opener | null;
      readonly origin: string | null;
      readonly remembered: boolean;
      readonly secretHash: string;
      /** The session that the same browser had; it ends and makes room. */
      readonly replaces?: string | undefined;
      readonly policy: SessionPolicy;
      readonly now: number;
    }
  | {
      readonly type: "touch";
      readonly sessionId: string;
      /** From where it is used now, encrypted; undefined where that is still the same place. */
      readonly origin?: string | undefined;
      readonly policy: SessionPolicy;
      readonly now: number;
    }
  | {
      readonly type: "end";
      readonly sessionId: string;
      readonly reason: SessionEndReason;
      readonly now: number;
    }
  /** Of an older epoch of their user: they opened nothing any more. */
  | { readonly type: "end_older"; readonly userEpoch: number; readonly now: number }
  | { readonly type: "expire"; readonly now: number };

/** The live session that the command left behind; undefined where there is none. */
export type SessionAnswer = Session | undefined;

type SessionDecision = Decision<SessionEvent, SessionAnswer>;

/** How many sessions ended on purpose are remembered one by one. */
const maxEndedOnPurpose = 32;

/** Whether a session is past its sliding or its absolute lifetime. */
export const isExpired = (session: Session, now: number): boolean =>
  Math.min(session.expiresAt, session.absoluteExpiresAt) <= now;

/** Whether enough of the TTL (a tenth, at most a minute) has passed for a slide to be recorded. */
export const isSlideDue = (session: Session, policy: SessionPolicy, now: number): boolean =>
  policy.sliding && now - session.lastSeenAt >= Math.min(policy.ttl / 10, 60_000);

function rememberEnd(sessions: Sessions, { sessionId, startedAt }: Session): Sessions {
  const sorted = [...sessions.endedOnPurpose, { sessionId, startedAt }].sort(
    (a, b) => a.startedAt - b.startedAt,
  );
  const dropped = sorted.slice(0, -maxEndedOnPurpose);
  return {
    ...sessions,
    endedOnPurpose: sorted.slice(-maxEndedOnPurpose),
    endedThrough: Math.max(sessions.endedThrough, ...dropped.map((session) => session.startedAt)),
  };
}

function end(sessions: Sessions, session: Session, reason: SessionEndReason, now: number): SessionEvent {
  const rest = { ...sessions, live: sessions.live.filter((other) => other.sessionId !== session.sessionId) };
  const after = isEndOnPurpose(reason) ? rememberEnd(rest, session) : rest;
  return { type: "session.ended", data: { session, reason, endedAt: now, sessions: after } };
}

/** Ends these sessions one after another; each event holds the list that it leaves behind. */
function endAll(
  sessions: Sessions,
  ending: readonly Session[],
  reason: SessionEndReason,
  now: number,
): { events: SessionEvent[]; sessions: Sessions } {
  const events: SessionEvent[] = [];
  let after = sessions;
  for (const session of ending) {
    const event = end(after, session, reason, now);
    events.push(event);
    after = event.data.sessions;
  }
  return { events, sessions: after };
}

const expire = (sessions: Sessions, now: number) =>
  endAll(
    sessions,
    sessions.live.filter((session) => isExpired(session, now)),
    "expired",
    now,
  );

const endOlder = (sessions: Sessions, userEpoch: number, now: number) =>
  endAll(
    sessions,
    sessions.live.filter((session) => session.userEpoch < userEpoch),
    "ended_everywhere",
    now,
  );

function start(command: Extract<SessionCommand, { type: "start" }>, sessions: Sessions): SessionDecision {
  const { sessionId, userId, userEpoch, kind, openedBy, origin, remembered, secretHash, policy, now } =
    command;
  const older = endOlder(sessions, userEpoch, now);
  const before = older.sessions.live.filter((live) => live.sessionId === command.replaces);
  const replaced = endAll(older.sessions, before, "replaced", now);
  const expired = expire(replaced.sessions, now);
  const sameKind = expired.sessions.live.filter((session) => session.kind === kind);
  const oldestFirst = [...sameKind].sort((a, b) => a.startedAt - b.startedAt);
  const surplus = Math.max(0, sameKind.length + 1 - policy.maxPerUser);
  const evicted = endAll(expired.sessions, oldestFirst.slice(0, surplus), "evicted", now);
  const absoluteExpiresAt = now + policy.absoluteLifetime;
  const session: Session = {
    sessionId,
    userId,
    userEpoch,
    kind,
    openedBy,
    origin,
    remembered,
    secretHash,
    startedAt: now,
    authenticatedAt: now,
    lastSeenAt: now,
    expiresAt: Math.min(now + policy.ttl, absoluteExpiresAt),
    absoluteExpiresAt,
  };
  const after = { ...evicted.sessions, live: [...evicted.sessions.live, session] };
  return accept(
    [
      ...older.events,
      ...replaced.events,
      ...expired.events,
      ...evicted.events,
      { type: "session.started", data: { session, sessions: after } },
    ],
    session,
  );
}

function touch(command: Extract<SessionCommand, { type: "touch" }>, sessions: Sessions): SessionDecision {
  const { sessionId, origin, policy, now } = command;
  const session = sessions.live.find((live) => live.sessionId === sessionId);
  if (!session) return accept([], undefined);
  if (isExpired(session, now)) return accept([end(sessions, session, "expired", now)], undefined);
  if (!isSlideDue(session, policy, now)) return accept([], session);
  // A remembered one lives as long as it may from the start; that it is used, and from where, is told of it too.
  const expiresAt = session.remembered
    ? session.expiresAt
    : Math.min(now + policy.ttl, session.absoluteExpiresAt);
  const slid = { ...session, origin: origin ?? session.origin, lastSeenAt: now, expiresAt };
  const live = sessions.live.map((other) => (other.sessionId === sessionId ? slid : other));
  return accept([{ type: "session.slid", data: { session: slid, sessions: { ...sessions, live } } }], slid);
}

/** The rules of one user's sessions: a strict limit of each kind, sliding and absolute expiry. */
export const sessionDecider: Decider<Sessions, SessionCommand, SessionEvent, SessionAnswer> = {
  initialState: { live: [], endedOnPurpose: [], endedThrough: 0 },
  evolve,
  decide(command, sessions) {
    switch (command.type) {
      case "start":
        return start(command, sessions);
      case "touch":
        return touch(command, sessions);
      case "end": {
        const session = sessions.live.find((live) => live.sessionId === command.sessionId);
        if (!session) return accept([], undefined);
        return accept([end(sessions, session, command.reason, command.now)], undefined);
      }
      case "end_older":
        return accept(endOlder(sessions, command.userEpoch, command.now).events, undefined);
      case "expire":
        return accept(expire(sessions, command.now).events, undefined);
    }
  },
};
