import type { SessionPolicy } from "../../domain/session/decide.ts";
import type { Session, SessionEndReason, SessionEvent, Sessions } from "../../domain/session/session.ts";

/** This many minutes after the story begins, as epoch milliseconds. */
export const minutes = (count: number): number => 1_800_000_000_000 + count * 60_000;

/** 30 minutes sliding, a day at most, two of each kind. */
export const policy: SessionPolicy = {
  ttl: 30 * 60_000,
  sliding: true,
  maxPerUser: 2,
  absoluteLifetime: 24 * 60 * 60_000,
};

/** A browser session that began at this minute, but for what `changes` says. */
export const session = (sessionId: string, minute: number, changes: Partial<Session> = {}): Session => ({
  sessionId,
  userId: "ada",
  userEpoch: 0,
  kind: "browser",
  openedBy: null,
  origin: null,
  remembered: false,
  secretHash: `secret-${sessionId}`,
  startedAt: minutes(minute),
  authenticatedAt: minutes(minute),
  lastSeenAt: minutes(minute),
  expiresAt: minutes(minute) + policy.ttl,
  absoluteExpiresAt: minutes(minute) + policy.absoluteLifetime,
  ...changes,
});

/** A user's sessions: these live ones, and whatever was ended on purpose. */
export const sessions = (live: readonly Session[], changes: Partial<Sessions> = {}): Sessions => ({
  live,
  endedOnPurpose: [],
  endedThrough: 0,
  ...changes,
});

export const started = (which: Session, after: Sessions): SessionEvent => ({
  type: "session.started",
  data: { session: which, sessions: after },
});

export const ended = (
  which: Session,
  reason: SessionEndReason,
  minute: number,
  after: Sessions,
): SessionEvent => ({
  type: "session.ended",
  data: { session: which, reason, endedAt: minutes(minute), sessions: after },
});
