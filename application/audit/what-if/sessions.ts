import { isExpired, type SessionPolicy, sessionDecider } from "../../../domain/session/decide.ts";
import type { Session, SessionEvent, Sessions } from "../../../domain/session/session.ts";
import { lifetimeUnder, sessionsUnder, sessionUnder, ttlUnder, type WhatIf } from "./policy.ts";

/** The events that let somebody in: a session started, or its use that prolonged it. */
export type SessionDecided = Exclude<SessionEvent, { readonly type: "session.ended" }>;

/** What would have been decided. */
export interface SessionVerdict {
  readonly rule: string | undefined;
  /** Sessions that would have made room for this one, and did not. */
  readonly evicted: readonly string[];
}

export const sessionExpired = "The session had expired";

function policyFor(whatIf: WhatIf, session: Session): SessionPolicy {
  return {
    ttl: session.remembered ? lifetimeUnder(whatIf, session) : ttlUnder(whatIf, session),
    sliding: whatIf.sliding ?? true,
    maxPerUser: whatIf.maxSessionsPerUser ?? Number.POSITIVE_INFINITY,
    absoluteLifetime: lifetimeUnder(whatIf, session),
  };
}

/**
 * Decides again a sign-in or the use of a session, by the sessions' own decider, on the list that the event before left
 * behind, derived anew under the other policy.
 * @param isGone whether a session would not have been there any more
 */
export function decideSessionAgain(
  whatIf: WhatIf,
  { type, data: { session } }: SessionDecided,
  before: Sessions,
  isGone: (sessionId: string) => boolean,
): SessionVerdict {
  const sessions = sessionsUnder(whatIf, before, isGone);
  const policy = policyFor(whatIf, session);
  if (type === "session.started") {
    const { sessionId, startedAt: now } = session;
    const command = { ...session, type: "start" as const, policy, now, sessionId };
    const { events } = sessionDecider.decide(command, sessions, -1);
    const evicted = events.flatMap(({ type, data }) =>
      type === "session.ended" && data.reason === "evicted" ? [data.session.sessionId] : [],
    );
    return { rule: undefined, evicted };
  }
  const { sessionId, lastSeenAt: now } = session;
  const { answer } = sessionDecider.decide({ type: "touch", sessionId, policy, now }, sessions, -1);
  return { rule: answer ? undefined : sessionExpired, evicted: [] };
}

/** Whether a session that was live would have expired by then. */
export function wouldHaveExpired(
  whatIf: WhatIf,
  { live }: Sessions,
  sessionId: string,
  now: number,
): boolean {
  const session = live.find((other) => other.sessionId === sessionId);
  return session !== undefined && !isExpired(session, now) && isExpired(sessionUnder(whatIf, session), now);
}
