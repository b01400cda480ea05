import type { StoredEvent } from "../../application/ports/event-store.ts";
import type { GrantTerms } from "../../domain/grant/grant.ts";
import { isAccessTokenRevoked } from "../../domain/grant/revoke.ts";
import { isEndOnPurpose, type SessionEvent } from "../../domain/session/session.ts";
import type { Entry } from "../support/history/entry.ts";
import { activeAfter, indexLog, type LogIndex, standingOf } from "../support/history/log-index.ts";

/** How much later than an answer an event may be dated that explains it, ms: the same machine, but another process. */
const slack = 250;

const endsHolder = new Set([
  "user.disabled",
  "user.password_changed",
  "user.signed_out_everywhere",
  "client.disabled",
  "client.deleted",
  "client.tokens_ended",
]);

function isEndOf({ type, stream, data }: StoredEvent, { userId, clientId, sessionId }: GrantTerms): boolean {
  if (endsHolder.has(type)) return stream === `user-${userId}` || stream === `client-${clientId}`;
  if (type !== "session.ended") return false;
  const { session, reason } = data as Extract<SessionEvent, { type: "session.ended" }>["data"];
  return session.sessionId === sessionId && isEndOnPurpose(reason);
}

/** When a token that was issued died before its time; undefined where it did not. */
function deathOf(log: LogIndex, ends: readonly StoredEvent[], token: Parameters<typeof standingOf>[1]) {
  const standing = standingOf(log, token);
  if (!standing) return undefined;
  const { terms, revision } = standing;
  const own = log.grants.get(terms.grantId)?.find((event) => {
    const after = activeAfter(event);
    if (event.data.grant.status === "ended") return true;
    return token.kind === "access" && after !== undefined && isAccessTokenRevoked(after, revision);
  });
  const around = ends.find((event) => isEndOf(event, terms));
  return Math.min(own?.time ?? Number.POSITIVE_INFINITY, around?.time ?? Number.POSITIVE_INFINITY);
}

/** Refusals and "inactive" for what was alive and well: no fault excuses them, since 503 may always be answered. */
export function falseDeaths(
  { entries }: { readonly entries: readonly Entry[] },
  events: readonly StoredEvent[],
): readonly string[] {
  const log = indexLog(events);
  const ends = events.filter(({ type }) => endsHolder.has(type) || type === "session.ended");
  const wrong: string[] = [];
  for (const entry of entries) {
    const isRefused = entry.kind === "token.refused" && entry.status >= 400 && entry.status < 500;
    const token =
      entry.kind === "validated" && entry.active === false
        ? entry.token
        : isRefused && entry.grantType === "refresh_token" && entry.presented;
    if (!token) continue;
    const standing = standingOf(log, token);
    if (!standing) {
      wrong.push(`a ${token.kind} token of grant ${token.grantId} was answered and is not in the log`);
      continue;
    }
    if (standing.expiresAt <= entry.ended) continue;
    const death = deathOf(log, ends, token) ?? Number.POSITIVE_INFINITY;
    if (death > entry.ended + slack) {
      const what = entry.kind === "validated" ? "called inactive" : "refused";
      wrong.push(`a ${token.kind} token of grant ${standing.terms.grantId} was ${what} while it lived`);
    }
  }
  return wrong;
}
