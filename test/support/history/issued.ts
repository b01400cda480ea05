import type { Check } from "./check.ts";
import type { Entry } from "./entry.ts";
import type { LogIndex } from "./log-index.ts";

type Issued = Extract<Entry, { kind: "token.issued" }>;

function faultOfTokens({ accessToken, refreshToken }: Issued, { issuances }: LogIndex): string | undefined {
  const issuance = issuances.get(accessToken.hash);
  if (!issuance) return "an access token was answered that no event issued";
  if (!refreshToken) return undefined;
  const recorded = issuance.data.grant.refreshToken;
  return recorded?.hash === refreshToken.hash && recorded.revision === refreshToken.revision
    ? undefined
    : "a refresh token was answered that the event of its access token does not hold";
}

function faultOf(entry: Entry, log: LogIndex): string | undefined {
  if (entry.kind === "token.issued") return faultOfTokens(entry, log);
  if (entry.kind === "code.issued")
    return log.codes.has(entry.code.hash) ? undefined : "a code was answered that no event issued";
  if (entry.kind !== "session.started") return undefined;
  const isStarted = log.sessions
    .get(entry.userId)
    ?.some(({ type, data }) => type === "session.started" && data.session.sessionId === entry.sessionId);
  return isStarted ? undefined : "a session was answered that no event started";
}

/** I1: everything that was answered is in the log. */
export const unrecordedAnswers: Check = function* (entries, log) {
  for (const entry of entries) {
    const fault = faultOf(entry, log);
    if (fault) yield { invariant: "I1", message: `${fault} (client ${entry.clientId})` };
  }
};
