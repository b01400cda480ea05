import type { StoredEvent } from "../../../application/ports/event-store.ts";
import type { GrantTerms, RevocationReason } from "../../../domain/grant/grant.ts";
import { isAccessTokenRevoked } from "../../../domain/grant/revoke.ts";
import { isEndOnPurpose, type SessionEvent } from "../../../domain/session/session.ts";
import type { Check } from "./check.ts";
import type { Entry } from "./entry.ts";
import { activeAfter, type LogIndex, standingOf } from "./log-index.ts";

type Revoked = Extract<Entry, { kind: "revoked" }>;
type Ended = Extract<Entry, { kind: "ended" }>;

const endsUser = ["user.disabled", "user.password_changed", "user.signed_out_everywhere", "user.erased"];
const endsClient = ["client.disabled", "client.deleted", "client.tokens_ended"];

type SessionEnded = StoredEvent & Extract<SessionEvent, { type: "session.ended" }>;

const isEndOf = (event: StoredEvent, sessionId: string): event is SessionEnded =>
  event.type === "session.ended" && (event as SessionEnded).data.session.sessionId === sessionId;

const isCompromise = ({ type, data }: StoredEvent): boolean =>
  type === "client.secret_rotated" && (data as { compromised: boolean }).compromised;

/** The events that end a session, or a user's or client's access. */
function endingsOf({ all }: LogIndex, what: Ended["what"], id: string): readonly StoredEvent[] {
  if (what === "session") return all.filter((event) => isEndOf(event, id));
  const own = all.filter(({ stream }) => stream === `${what}-${id}`);
  if (what === "user") return own.filter(({ type }) => endsUser.includes(type));
  return own.filter((event) => endsClient.includes(event.type) || isCompromise(event));
}

/** Expiry and eviction end the cookie alone; an end on purpose ends the tokens too. */
const isSessionEndedOnPurpose = ({ all }: LogIndex, sessionId: string): boolean =>
  all.some((event) => isEndOf(event, sessionId) && isEndOnPurpose(event.data.reason));

/** Whether the log holds the end of something that a grant lives by. */
export const isEndedAround = (log: LogIndex, { userId, clientId, sessionId }: GrantTerms): boolean =>
  endingsOf(log, "client", clientId).length > 0 ||
  (userId !== null && endingsOf(log, "user", userId).length > 0) ||
  (sessionId !== null && isSessionEndedOnPurpose(log, sessionId));

/** Whether the log holds the end of what a revocation said is revoked; nothing need end that is unknown or was dead. */
function isRevocationRecorded({ token, started }: Revoked, log: LogIndex, maxSkew: number): boolean {
  const standing = standingOf(log, token);
  if (!standing || standing.expiresAt <= started + maxSkew) return true;
  const last = log.grants.get(standing.terms.grantId)?.at(-1);
  if (last?.data.grant.status === "ended") return true;
  const grant = activeAfter(last);
  return token.kind === "access" && grant !== undefined && isAccessTokenRevoked(grant, standing.revision);
}

/** I13: "revoked" or "signed out" is never said without the event; 503 may always be said. */
export const falseEndings: Check = function* (entries, log, { maxSkew }) {
  for (const entry of entries) {
    if (entry.kind === "revoked" && entry.status === 200 && !isRevocationRecorded(entry, log, maxSkew))
      yield { invariant: "I13", message: `a token of grant ${entry.token.grantId} was never really revoked` };
    if (entry.kind === "ended" && entry.status === 200 && endingsOf(log, entry.what, entry.id).length === 0)
      yield { invariant: "I13", message: `${entry.what} ${entry.id} was never really ended` };
  }
};

const closedWith: Readonly<Partial<Record<RevocationReason, Ended["what"]>>> = {
  user_ended: "user",
  client_ended: "client",
  session_ended: "session",
};

/** What of this kind a grant lives by. */
const holderOf = ({ userId, clientId, sessionId }: GrantTerms, what: Ended["what"]): string | null =>
  ({ user: userId, client: clientId, session: sessionId })[what];

/** I13: a grant is never said to have ended with what it lived by unless that ended before. */
export const falseClosings: Check = function* (_, log) {
  for (const { data, position } of [...log.grants.values()].flat()) {
    const what = data.grant.status === "ended" ? closedWith[data.grant.reason] : undefined;
    if (!what) continue;
    const id = holderOf(data.grant, what);
    const before = id === null ? [] : endingsOf(log, what, id).filter((end) => end.position < position);
    if (!before.some((end) => what !== "session" || isEndOnPurpose((end as SessionEnded).data.reason)))
      yield { invariant: "I13", message: `grant ${data.grant.grantId} ended with a ${what} that had not` };
  }
};

/** The earliest answer that said so, by the key of what it ended. */
function earliest(keyed: Iterable<readonly [string, Ended | Revoked]>): ReadonlyMap<string, Ended | Revoked> {
  const found = new Map<string, Ended | Revoked>();
  for (const [key, entry] of keyed) if (!found.has(key)) found.set(key, entry);
  return found;
}

function endingKey(entry: Revoked | Ended, log: LogIndex): string | undefined {
  if (entry.status !== 200) return undefined;
  if (entry.kind === "ended" && entry.what === "session" && !isSessionEndedOnPurpose(log, entry.id))
    return undefined;
  if (entry.kind === "ended") return `${entry.what} ${entry.id}`;
  if (entry.token.kind === "access") return `token ${entry.token.hash}`;
  const grantId = standingOf(log, entry.token)?.terms.grantId;
  return grantId && `grant ${grantId}`;
}

/** Under which keys the end of this grant's token may be found. */
const keysOf = ({ grantId, userId, clientId, sessionId }: GrantTerms, hash: string) => [
  `token ${hash}`,
  `grant ${grantId}`,
  `session ${sessionId}`,
  `user ${userId}`,
  `client ${clientId}`,
];

/** When each grant was first known to exist. */
function beginnings(entries: readonly Entry[], log: LogIndex): ReadonlyMap<string, number> {
  const begun = new Map<string, number>();
  for (const entry of entries) {
    const grantId =
      entry.kind === "code.issued"
        ? entry.code.grantId
        : entry.kind === "token.issued" && standingOf(log, entry.accessToken)?.terms.grantId;
    if (grantId && !begun.has(grantId)) begun.set(grantId, entry.ended);
  }
  return begun;
}

/** I5: what starts after an end was answered 200 never finds the token active. */
export const outlivedEndings: Check = function* (entries, log) {
  const endings = earliest(
    entries.flatMap((entry) => {
      const key = entry.kind === "revoked" || entry.kind === "ended" ? endingKey(entry, log) : undefined;
      return key === undefined ? [] : [[key, entry as Revoked | Ended] as const];
    }),
  );
  const begun = beginnings(entries, log);
  for (const entry of entries) {
    if (entry.kind !== "validated" || entry.active !== true) continue;
    const terms = standingOf(log, entry.token)?.terms;
    if (!terms) continue;
    for (const key of keysOf(terms, entry.token.hash)) {
      const ending = endings.get(key);
      if (!ending || entry.started < ending.ended) continue;
      // A user or client may be enabled again and begin new grants; those that were there before stay dead.
      const isOlder = (begun.get(terms.grantId) ?? Number.POSITIVE_INFINITY) <= ending.started;
      if (ending.kind === "revoked" || ending.what === "session" || isOlder)
        yield {
          invariant: "I5",
          message: `a token of grant ${terms.grantId} was active after the end of ${key}`,
        };
    }
  }
};
