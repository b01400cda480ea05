import type { GrantEvent, RevocationReason } from "../../../domain/grant/grant.ts";
import type { Check, Violation } from "./check.ts";
import { activeAfter, type Recorded } from "./log-index.ts";

type Events = readonly Recorded<GrantEvent>[];

const broken: Readonly<Record<RevocationReason, Violation["invariant"]>> = {
  code_replayed: "I2",
  refresh_token_reused: "I4",
  client_request: "I5",
  operator: "I5",
  user_request: "I5",
  user_ended: "I5",
  client_ended: "I5",
  session_ended: "I5",
};

function* afterTheEnd(grantId: string, events: Events): Iterable<Violation> {
  const end = events.findIndex(({ type }) => type === "grant.revoked");
  const grant = events[end]?.data.grant;
  if (grant?.status === "ended" && end < events.length - 1)
    yield { invariant: broken[grant.reason], message: `grant ${grantId} went on after its end` };
}

/** I2: a code is redeemed once, by what was answered and by the log; a replay is followed by the end. */
export const faultsOfCodes: Check = function* (entries, { grants }) {
  for (const [grantId, events] of grants) {
    const redeemed = events.filter(({ type }) => type === "grant.code.redeemed");
    if (redeemed.length > 1)
      yield { invariant: "I2", message: `the code of grant ${grantId} was redeemed twice in the log` };
    const replay = events.findIndex(({ type }) => type === "grant.code.replayed");
    if (replay >= 0 && events[replay + 1]?.type !== "grant.revoked")
      yield { invariant: "I2", message: `grant ${grantId} outlived the replay of its code` };
    yield* afterTheEnd(grantId, events);
  }
  const answered = new Set<string>();
  for (const entry of entries) {
    if (entry.kind !== "token.issued" || entry.grantType !== "authorization_code" || !entry.presented)
      continue;
    if (answered.has(entry.presented.hash))
      yield {
        invariant: "I2",
        message: `a code of grant ${entry.presented.grantId} was answered with tokens twice`,
      };
    answered.add(entry.presented.hash);
  }
};

/** What one more event does to the one unspent refresh token; undefined where it leaves two of them or a wrong one. */
function nextUnspent(event: Recorded<GrantEvent>, unspent: number | null): number | null | undefined {
  const grant = activeAfter(event);
  if (!grant) return unspent;
  const current = grant.refreshToken?.revision ?? null;
  if (event.type === "grant.code.redeemed")
    return unspent === null && (current === null || current === event.revision) ? current : undefined;
  if (event.type === "grant.refresh_token.rotated")
    return grant.spent?.revision === unspent && current === event.revision ? current : undefined;
  return current === unspent ? unspent : undefined;
}

/** I3: at every position a grant has at most one unspent refresh token. */
export const faultsOfChains: Check = function* (_, { grants }) {
  for (const [grantId, events] of grants) {
    let unspent: number | null = null;
    for (const event of events) {
      const next = nextUnspent(event, unspent);
      if (next === undefined) {
        const message = `grant ${grantId} has another unspent refresh token at revision ${event.revision}`;
        yield { invariant: "I3", message };
        break;
      }
      unspent = next;
    }
  }
};
