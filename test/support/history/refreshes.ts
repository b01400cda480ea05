import type { GrantEvent, GrantTerms } from "../../../domain/grant/grant.ts";
import type { Check, Limits, Violation } from "./check.ts";
import { isEndedAround } from "./endings.ts";
import type { Entry } from "./entry.ts";
import { activeAfter, type LogIndex, type Recorded } from "./log-index.ts";

const violation = (message: string): Violation => ({ invariant: "I4", message });

type Issued = Extract<Entry, { kind: "token.issued" }>;

const isRefresh = (entry: Entry): entry is Issued & { presented: NonNullable<Issued["presented"]> } =>
  entry.kind === "token.issued" && entry.grantType === "refresh_token" && entry.presented !== null;

/** A repeat in the log: the window open, the successor unused, the count within its bound. */
function* faultsOfRepeats(events: readonly Recorded<GrantEvent>[], limits: Limits): Iterable<Violation> {
  for (const [index, event] of events.entries()) {
    if (event.type !== "grant.refresh_token.repeated") continue;
    const { accessToken, grant } = event.data;
    const before = activeAfter(events[index - 1])?.spent;
    const age = accessToken.issuedAt - (grant.refreshToken?.issuedAt ?? 0);
    if (age > limits.graceWindow) yield violation(`grant ${grant.grantId} repeated after the grace window`);
    if (!before || before.revision !== grant.spent?.revision || grant.spent.repeats !== before.repeats + 1)
      yield violation(`grant ${grant.grantId} does not count its repeats`);
    if ((grant.spent?.repeats ?? 0) > limits.maxRepeats)
      yield violation(`grant ${grant.grantId} repeated more than ${limits.maxRepeats} times`);
  }
}

/** A reuse in the log: really of a spent token, not a repeat, followed by the end. */
function* faultsOfReuses(
  grantId: string,
  events: readonly Recorded<GrantEvent>[],
  { graceWindow }: Limits,
): Iterable<Violation> {
  for (const [index, event] of events.entries()) {
    if (event.type !== "grant.refresh_token.reused") continue;
    const { revision, at, grant } = event.data;
    const isRepeat =
      grant.spent?.revision === revision && at - (grant.refreshToken?.issuedAt ?? 0) <= graceWindow;
    if (isRepeat || grant.refreshToken?.revision === revision)
      yield violation(`grant ${grantId} took a rightful refresh for a reuse`);
    if (events[index + 1]?.type !== "grant.revoked") yield violation(`grant ${grantId} outlived a reuse`);
  }
}

/** Whoever presents the same token gets the same successor, and only so many times. */
function* faultsOfSuccessors(entries: readonly Entry[], { maxRepeats }: Limits): Iterable<Violation> {
  const answered = new Map<string, { successor: string | undefined; count: number }>();
  for (const entry of entries.filter(isRefresh)) {
    const { hash, grantId } = entry.presented;
    const first = answered.get(hash) ?? { successor: entry.refreshToken?.hash, count: 0 };
    const count = first.count + 1;
    answered.set(hash, { ...first, count });
    if (first.successor !== entry.refreshToken?.hash)
      yield violation(`a refresh token of grant ${grantId} got two successors`);
    if (count === maxRepeats + 2)
      yield violation(`a refresh token of grant ${grantId} was repeated too often`);
  }
}

/** When the successor of each refresh token was first known to be used. */
function usesOfSuccessors(entries: readonly Entry[]): ReadonlyMap<string, number> {
  const refreshes = entries.filter(isRefresh);
  const firstUse = new Map<string, number>();
  for (const { presented, ended } of refreshes)
    if (!firstUse.has(presented.hash)) firstUse.set(presented.hash, ended);
  return new Map(
    refreshes.flatMap(({ presented, refreshToken }) => {
      const used = refreshToken && firstUse.get(refreshToken.hash);
      return used ? [[presented.hash, used] as const] : [];
    }),
  );
}

const isOver = (terms: GrantTerms, log: LogIndex) =>
  log.grants.get(terms.grantId)?.at(-1)?.type === "grant.revoked" || isEndedAround(log, terms);

/** A spent token that its own client used once more after its successor was used: refused, and the grant is over. */
function* faultsOfLateUses(entries: readonly Entry[], log: LogIndex): Iterable<Violation> {
  const uses = usesOfSuccessors(entries);
  for (const entry of entries) {
    if (entry.kind !== "token.issued" && entry.kind !== "token.refused") continue;
    const used = entry.presented && uses.get(entry.presented.hash);
    const terms = log.grants.get(entry.presented?.grantId ?? "")?.[0]?.data.grant;
    if (!used || entry.started < used || terms?.clientId !== entry.clientId) continue;
    if (entry.kind === "token.issued")
      yield violation(`a refresh token of grant ${terms.grantId} was taken after its successor was used`);
    else if (entry.error === "invalid_grant" && !isOver(terms, log))
      yield violation(`grant ${terms.grantId} lives on after a reuse was refused`);
  }
}

/** A reuse that nobody can have committed: of this revision, only tokens never issued were handed in. */
function* faultsOfForgeries(entries: readonly Entry[], log: LogIndex): Iterable<Violation> {
  for (const { type, data } of [...log.grants.values()].flat()) {
    if (type !== "grant.refresh_token.reused") continue;
    const presentations = entries.flatMap((entry) =>
      entry.kind === "token.refused" &&
      entry.presented?.grantId === data.grant.grantId &&
      entry.presented.revision === data.revision
        ? [entry.presented.hash]
        : [],
    );
    if (presentations.length > 0 && !presentations.some((hash) => log.refreshTokens.has(hash)))
      yield violation(`grant ${data.grant.grantId} was ended by a token that it never issued`);
  }
}

/** I4: repeats inside the grace window get the same successor; every other use of a spent token ends the grant. */
export const faultsOfRefreshes: Check = function* (entries, log, limits) {
  for (const [grantId, events] of log.grants) {
    yield* faultsOfRepeats(events, limits);
    yield* faultsOfReuses(grantId, events, limits);
  }
  yield* faultsOfSuccessors(entries, limits);
  yield* faultsOfLateUses(entries, log);
  yield* faultsOfForgeries(entries, log);
};
