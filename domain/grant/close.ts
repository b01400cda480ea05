import type { Ending } from "../closure/closure.ts";
import { accept } from "../decider.ts";
import type { CloseGrant, GrantDecision } from "./commands.ts";
import { type GrantState, type GrantTerms, lastsUntil, type RevocationReason } from "./grant.ts";
import { revoked } from "./revoke.ts";

/** Whether a grant lived by what ended, as that was before. */
export function isHit(grant: GrantTerms, { what, id, epoch }: Ending): boolean {
  switch (what) {
    case "user":
      return grant.userId === id && grant.userEpoch !== null && grant.userEpoch < epoch;
    case "client":
      return grant.clientId === id && grant.clientEpoch < epoch;
    case "session":
      return grant.sessionId === id;
  }
}

/** Ends a grant that was dead by what it lived by; one whose tokens have all died by themselves needs no end. */
export function close({ ending, now }: CloseGrant, grant: GrantState): GrantDecision {
  const done = { done: true } as const;
  if (!grant || grant.status === "ended" || !isHit(grant, ending) || lastsUntil(grant) <= now)
    return accept([], done);
  const reason: RevocationReason = `${ending.what}_ended`;
  return accept([revoked(grant, reason, now)], done);
}
