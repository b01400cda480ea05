import type { RefusalCount } from "../../../domain/refusal-count.ts";
import type { Check, Violation } from "./check.ts";
import { type Entry, isUnknown } from "./entry.ts";
import { isIssuance, type LogIndex } from "./log-index.ts";

const namedByDeciders = [
  "grant.refresh_token.reused",
  "grant.code.replayed",
  "grant.revoked",
  // An assertion is spent, whatever the request that brought it comes to.
  "client.assertion.used",
  "refusals.counted",
];

const isRefused = (entry: Entry): boolean =>
  (entry.kind === "token.refused" || entry.kind === "revoked") && entry.status >= 400 && entry.status < 500;

/** By the correlation id, where the test knows it: a refused request's own events. */
function* namedEvents(entries: readonly Entry[], { all }: LogIndex): Iterable<Violation> {
  const refused = new Set(entries.filter(isRefused).map(({ requestId }) => requestId));
  for (const { type, stream, metadata } of all)
    if (refused.has(metadata.correlationId) && !namedByDeciders.includes(type))
      yield { invariant: "I10", message: `a refused request left ${type} in ${stream}` };
}

const grantIdOf = (entry: Entry): string | null | undefined =>
  "presented" in entry ? entry.presented?.grantId : null;

/** Tokens issued to nobody, where every request on their grant has a known answer and some were refused. */
function* unclaimedTokens(entries: readonly Entry[], { grants }: LogIndex): Iterable<Violation> {
  const answered = new Set(
    entries.flatMap((entry) => (entry.kind === "token.issued" ? [entry.accessToken.hash] : [])),
  );
  const unclear = new Set(
    entries.filter((entry) => entry.kind === "token.refused" && isUnknown(entry.status)).map(grantIdOf),
  );
  for (const grantId of new Set(entries.filter(isRefused).map(grantIdOf))) {
    if (!grantId || unclear.has(grantId)) continue;
    const unclaimed = (grants.get(grantId) ?? [])
      .filter(isIssuance)
      .filter(({ data }) => !answered.has(data.accessToken.hash));
    if (unclaimed.length > 0)
      yield { invariant: "I10", message: `grant ${grantId} issued tokens for a request that was refused` };
  }
}

/** One counted event per window, client and kind. */
function* doubleCounts({ all }: LogIndex): Iterable<Violation> {
  const seen = new Set<string>();
  for (const { type, stream, data } of all) {
    if (type !== "refusals.counted") continue;
    const { kind, clientId, windowStart } = data as RefusalCount;
    const key = JSON.stringify([stream, kind, clientId, windowStart]);
    if (seen.has(key)) yield { invariant: "I10", message: `refusals were counted twice: ${key}` };
    seen.add(key);
  }
}

/** I10: a refused request leaves no event but those its decider names, and one counted event. */
export const faultsOfRefusals: Check = function* (entries, log) {
  yield* namedEvents(entries, log);
  yield* unclaimedTokens(entries, log);
  yield* doubleCounts(log);
};
