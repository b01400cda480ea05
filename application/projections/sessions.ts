import {
  isEndOnPurpose,
  type Session,
  type SessionEvent,
  type Sessions,
} from "../../domain/session/session.ts";
import { projection, type Write } from "./projection.ts";

/** How one session stands: whether it opens anything, and whether the tokens bound to it are dead. */
export interface SessionStanding {
  /** Null where nothing more than its end is known. */
  readonly session: Session | null;
  readonly isLive: boolean;
  readonly isEndedOnPurpose: boolean;
}

/** How a session stands by its user's list alone; one that is in no list and started early counts as ended on purpose. */
export function standingOf(sessions: Sessions, sessionId: string, startedAt: number): SessionStanding {
  const session = sessions.live.find((live) => live.sessionId === sessionId);
  if (session) return { session, isLive: true, isEndedOnPurpose: false };
  const isEndedOnPurpose =
    startedAt <= sessions.endedThrough ||
    sessions.endedOnPurpose.some((ended) => ended.sessionId === sessionId);
  return { session: null, isLive: false, isEndedOnPurpose };
}

/** The hour that a time lies in, as the index of live sessions by their expiry names it. */
export const hourOf = (time: number): number => Math.floor(time / 3_600_000);

const live = ({ session }: { session: Session }): Write => {
  const document: SessionStanding = { session, isLive: true, isEndedOnPurpose: false };
  const expires = String(hourOf(Math.min(session.expiresAt, session.absoluteExpiresAt)));
  return { id: session.sessionId, document, indexes: { user: session.userId, expires } };
};

export const sessions = projection<SessionEvent>("sessions", 3, {
  "session.started": live,
  "session.slid": live,
  "session.ended": ({ session, reason }) => {
    const document: SessionStanding = { session, isLive: false, isEndedOnPurpose: isEndOnPurpose(reason) };
    return { id: session.sessionId, document, indexes: { user: session.userId } };
  },
});
