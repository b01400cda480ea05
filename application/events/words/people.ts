import type { ConsentEvent } from "../../../domain/consent/consent.ts";
import type { ErasureEvent } from "../../../domain/erasure/erasure.ts";
import type { Session, SessionEndReason, SessionEvent } from "../../../domain/session/session.ts";
import type { SubjectKeyEvent } from "../../../domain/user/subject-key.ts";
import type { UserEvent } from "../../../domain/user/user.ts";
import type { UsernameEvent } from "../../../domain/user/username.ts";
import { scopeText, timeText, type Words } from "./words.ts";

const reasons: Readonly<Record<SessionEndReason, string>> = {
  closed: "whoever used it closed it",
  signed_out: "signed out",
  ended_by_user: "its user ended it",
  ended_by_operator: "an operator ended it",
  ended_everywhere: "all that the user had was ended",
  expired: "it expired",
  evicted: "the user had as many as are allowed, and this was the oldest",
  replaced: "the same browser signed in again",
};

const named = ({ sessionId, kind, userId }: Session): string =>
  kind === "browser"
    ? `session ${sessionId} (browser) of user ${userId}`
    : `session ${sessionId} (MCP) of ${userId}`;

/** What is told of sessions, users and what they agreed to. */
export const peopleWords: Words<
  SessionEvent | UserEvent | UsernameEvent | SubjectKeyEvent | ConsentEvent | ErasureEvent
> = {
  "session.started": ({ session }) =>
    session.openedBy === null
      ? `user ${session.userId}: signed in, session ${session.sessionId} until ${timeText(session.expiresAt)}`
      : `${named(session)}: opened by client ${session.openedBy.clientId} under grant ${session.openedBy.grantId}, until ${timeText(session.expiresAt)}`,
  "session.slid": ({ session }) => `${named(session)}: in use, now until ${timeText(session.expiresAt)}`,
  "session.ended": ({ session, reason }) => `${named(session)}: ended, ${reasons[reason]}`,
  "user.registered": ({ user }) =>
    `user ${user.userId}: registered${user.status === "disabled" ? " and disabled" : ""}, ${scopeText(user.scopes)}`,
  "user.password_changed": ({ user }) =>
    `user ${user.userId}: password changed; sessions and tokens from before are dead`,
  "user.password_hash_renewed": ({ user }) =>
    `user ${user.userId}: the imported hash of the password was replaced; nothing ended`,
  "user.scopes_changed": ({ user }) => `user ${user.userId}: has ${scopeText(user.scopes)} from now on`,
  "user.disabled": ({ user }) => `user ${user.userId}: disabled; sessions and tokens are dead`,
  "user.enabled": ({ user }) => `user ${user.userId}: enabled; nothing that ended comes back`,
  "user.signed_out_everywhere": ({ user }) =>
    `user ${user.userId}: signed out everywhere; sessions and tokens from before are dead`,
  "user.erased": ({ user }) => `user ${user.userId}: erased; sessions and tokens are dead`,
  "erasure.requested": ({ erasure }) =>
    `user ${erasure.user.userId}: what the log holds of them is to be removed`,
  "erasure.completed": ({ erasure }) => `user ${erasure.user.userId}: nothing personal can be read any more`,
  "username.reserved": ({ reservation }) => `user ${reservation.userId}: username reserved`,
  "subject_key.created": ({ subjectKey }) => `user ${subjectKey.userId}: data key made`,
  "consent.given": ({ consent, terms }) =>
    `user ${consent.userId}: agreed to client ${consent.clientId}, ${scopeText(terms.scope)}`,
  "consent.withdrawn": ({ consent }) =>
    `user ${consent.userId}: no longer agrees to client ${consent.clientId}`,
};
