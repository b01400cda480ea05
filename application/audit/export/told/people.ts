import type { ConsentEvent } from "../../../../domain/consent/consent.ts";
import type { Erasure, ErasureEvent } from "../../../../domain/erasure/erasure.ts";
import type { Session, SessionEvent, Sessions } from "../../../../domain/session/session.ts";
import type { SubjectKeyEvent } from "../../../../domain/user/subject-key.ts";
import type { RegisteredUser, UserEvent } from "../../../../domain/user/user.ts";
import type { UsernameEvent } from "../../../../domain/user/username.ts";
import { type Facts, holderOf, pick, type Told } from "./told.ts";

const sessionOf = ({ session, sessions }: { session: Session; sessions: Sessions }): Facts => ({
  ...holderOf(session.userId),
  ...pick(session, "sessionId", "kind", "remembered"),
  ...pick(session, "startedAt", "authenticatedAt", "lastSeenAt", "expiresAt", "absoluteExpiresAt"),
  openedBy: session.openedBy && pick(session.openedBy, "grantId", "clientId", "revision", "scope"),
  liveSessions: sessions.live.length,
});

const userOf = (user: RegisteredUser): Facts =>
  pick(user, "userId", "scopes", "epoch", "status", "registeredAt");

const changed = ({ user, at }: { user: RegisteredUser; at: number }): Facts => ({ ...userOf(user), at });

const erasureOf = ({ erasure }: { erasure: Erasure }): Facts => ({
  ...pick(erasure.user, "userId", "erasedAt"),
  completedAt: erasure.completedAt,
  removedStreams: erasure.removed.length,
});

/** What is given out of sessions, users and what they agreed to. */
export const toldOfPeople: Told<
  SessionEvent | UserEvent | UsernameEvent | SubjectKeyEvent | ConsentEvent | ErasureEvent
> = {
  "session.started": sessionOf,
  "session.slid": sessionOf,
  "session.ended": (data) => ({ ...sessionOf(data), ...pick(data, "reason", "endedAt") }),
  "user.registered": ({ user }) => userOf(user),
  "user.password_changed": changed,
  "user.password_hash_renewed": changed,
  "user.scopes_changed": changed,
  "user.disabled": changed,
  "user.enabled": changed,
  "user.signed_out_everywhere": changed,
  "user.erased": ({ user, at }) => ({ ...pick(user, "userId", "epoch", "status", "erasedAt"), at }),
  "erasure.requested": erasureOf,
  "erasure.completed": erasureOf,
  "username.reserved": ({ reservation }) => pick(reservation, "userId", "reservedAt"),
  "subject_key.created": ({ subjectKey }) => pick(subjectKey, "userId", "createdAt"),
  "consent.given": ({ consent, terms, at }) => ({
    ...pick(consent, "userId", "clientId"),
    ...pick(terms, "redirectUri", "audience", "scope"),
    at,
  }),
  "consent.withdrawn": ({ consent, at }) => ({ ...pick(consent, "userId", "clientId"), at }),
};
