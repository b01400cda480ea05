import { accept } from "../decider.ts";
import { isRefusal } from "../oauth/refusal.ts";
import { isSubset } from "../oauth/scope.ts";
import type { GrantDecision, Refresh } from "./commands.ts";
import type { AccessToken, ActiveGrant, GrantState } from "./grant.ts";
import {
  allowedNow,
  exceedsAudience,
  freshAccessToken,
  freshRefreshToken,
  latest,
  nothingToLiveBy,
  refuse,
  refuseForeign,
} from "./issue.ts";
import { revoked, wasIssued } from "./revoke.ts";

/**
 * Rotates a refresh token (RFC 6749 §6, RFC 9700 §4.14). The current one gets a successor. The one before it gets
 * the same successor again while the grace window is open: the reply was lost. Any other use of a token that was
 * issued is a reuse and ends the grant.
 */
export function refresh(command: Refresh, grant: GrantState, revision: number): GrantDecision {
  const { presented, policy, now } = command;
  if (!grant || !wasIssued(presented))
    return refuse("invalid_grant", "Invalid refresh token", [], "it was never issued");
  if (command.clientId !== grant.clientId) return refuseForeign("Invalid refresh token", grant);
  if (grant.status === "ended")
    return refuse("invalid_grant", "The grant has ended", [], `grant ${grant.grantId}: ${grant.reason}`);
  if (grant.status !== "active" || !grant.refreshToken || !command.standing)
    return refuse("invalid_grant", "The grant has ended", [], nothingToLiveBy(grant));
  const isCurrent = presented.revision === grant.refreshToken.revision;
  const isRepeat =
    presented.revision === grant.spent?.revision && now - grant.refreshToken.issuedAt <= policy.graceWindow;
  if (!isCurrent && !isRepeat)
    return refuse("invalid_grant", "The refresh token was used before: its family is revoked", [
      { type: "grant.refresh_token.reused", data: { revision: presented.revision, at: now, grant } },
      revoked(grant, "refresh_token_reused", now),
    ]);
  if (grant.spent && isRepeat && grant.spent.repeats >= policy.maxRepeats)
    return refuse("invalid_grant", "The refresh token was repeated too often");
  if (grant.refreshToken.expiresAt <= now) return refuse("invalid_grant", "The refresh token has expired");
  if (command.scope && !isSubset(command.scope, grant.scope))
    return refuse("invalid_scope", "The scope exceeds what was granted");
  if (exceedsAudience(grant, command.audience))
    return refuse("invalid_target", "The resource was not granted");
  const allowed = allowedNow(grant, command, command.standing);
  if (isRefusal(allowed)) return accept([], allowed);

  const accessToken = freshAccessToken(grant, allowed, revision + 1, now, policy);
  return isCurrent ? rotate(command, grant, accessToken) : repeat(grant, accessToken);
}

function rotate(
  { presented, successor, policy, now }: Refresh,
  grant: ActiveGrant,
  accessToken: AccessToken,
): GrantDecision {
  const refreshToken = freshRefreshToken(grant, successor.hash, accessToken.revision, now, policy);
  const { nonce, keyVersion } = successor;
  const rotated: ActiveGrant = {
    ...grant,
    refreshToken,
    spent: { revision: presented.revision, nonce, keyVersion, repeats: 0 },
    lastsUntil: latest(grant.lastsUntil, accessToken.expiresAt, refreshToken.expiresAt),
  };
  return accept([{ type: "grant.refresh_token.rotated", data: { accessToken, grant: rotated } }], {
    grant: rotated,
    accessToken,
    refreshToken: "successor",
  });
}

function repeat(grant: ActiveGrant, accessToken: AccessToken): GrantDecision {
  const repeated: ActiveGrant = {
    ...grant,
    spent: grant.spent && { ...grant.spent, repeats: grant.spent.repeats + 1 },
    lastsUntil: latest(grant.lastsUntil, accessToken.expiresAt),
  };
  return accept([{ type: "grant.refresh_token.repeated", data: { accessToken, grant: repeated } }], {
    grant: repeated,
    accessToken,
    refreshToken: "same_successor",
  });
}
