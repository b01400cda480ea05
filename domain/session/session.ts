import type { DomainEvent } from "../decider.ts";
import type { Scope } from "../oauth/scope.ts";

/** A browser sign-in (by cookie) or an MCP session (by id). */
export type SessionKind = "browser" | "mcp";

/** The access by which an MCP session was opened: it may do no more, and lives no longer than the grant. */
export interface Opener {
  readonly grantId: string;
  readonly clientId: string;
  /** Of the access token: the revision of the event that issued it. */
  readonly revision: number;
  readonly scope: Scope;
}

/** One session of a user. All times are epoch milliseconds. */
export interface Session {
  readonly sessionId: string;
  /** Or the id of a client that acts for itself. */
  readonly userId: string;
  readonly userEpoch: number;
  readonly kind: SessionKind;
  /** Null for a browser sign-in. */
  readonly openedBy: Opener | null;
  /** Address and agent of whoever used it last from another address than before, encrypted; null where they are not known. */
  readonly origin: string | null;
  /** Started with "remember me": it lives as long as it may from the start. */
  readonly remembered: boolean;
  /** Hash of what cookie or MCP session id hold beside the ids. */
  readonly secretHash: string;
  readonly startedAt: number;
  readonly authenticatedAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  readonly absoluteExpiresAt: number;
}

/**
 * `closed`: an MCP session, by whoever used it. `signed_out`, `ended_by_user`, `ended_by_operator` and `ended_everywhere`
 * (with all that its user had, when the user's epoch was raised) are ends on purpose: they end the tokens bound to the
 * session too. `replaced`: the same browser signed in again.
 */
export type SessionEndReason =
  | "closed"
  | "signed_out"
  | "ended_by_user"
  | "ended_by_operator"
  | "ended_everywhere"
  | "expired"
  | "evicted"
  | "replaced";

const notOnPurpose: readonly SessionEndReason[] = ["closed", "expired", "evicted", "replaced"];

/** Whether tokens that are bound to the session end with it. */
export const isEndOnPurpose = (reason: SessionEndReason): boolean => !notOnPurpose.includes(reason);

/**
 * A user's sessions. `endedOnPurpose` are the newest that were so ended; sessions no longer live that started at or before
 * `endedThrough` count as such, so that the list stays bounded and errs on the safe side.
 */
export interface Sessions {
  readonly live: readonly Session[];
  readonly endedOnPurpose: readonly Pick<Session, "sessionId" | "startedAt">[];
  readonly endedThrough: number;
}

export type SessionEvent =
  | DomainEvent<"session.started", { session: Session; sessions: Sessions }>
  | DomainEvent<"session.slid", { session: Session; sessions: Sessions }>
  | DomainEvent<
      "session.ended",
      { session: Session; reason: SessionEndReason; endedAt: number; sessions: Sessions }
    >;

/** The state after an event is what the event carries. */
export const evolve = (_state: Sessions, event: SessionEvent): Sessions => event.data.sessions;
