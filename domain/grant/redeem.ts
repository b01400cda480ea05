import { accept } from "../decider.ts";
import { constantTimeEqual } from "../oauth/hash.ts";
import { verifierMatches } from "../oauth/pkce.ts";
import { isRefusal } from "../oauth/refusal.ts";
import type { GrantDecision, RedeemCode } from "./commands.ts";
import type { ActiveGrant, GrantState } from "./grant.ts";
import {
  allowedNow,
  exceedsAudience,
  freshAccessToken,
  freshRefreshToken,
  latest,
  nothingIssued,
  nothingToLiveBy,
  refuse,
  refuseForeign,
  termsOf,
} from "./issue.ts";
import { revoked } from "./revoke.ts";

/** Redeems an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.6, OAuth 2.1 §4.1.3). */
export function redeem(command: RedeemCode, grant: GrantState, revision: number): GrantDecision {
  const { presented, policy, now } = command;
  const authorized = presented.issuedBy?.data.grant;
  if (!grant || authorized?.status !== "pending" || !constantTimeEqual(presented.hash, authorized.code.hash))
    return refuse("invalid_grant", "Invalid authorization code", [], "no grant holds this code");
  const { code } = authorized;
  if (command.clientId !== grant.clientId) return refuseForeign("Invalid authorization code", grant);
  // Where PKCE binds the code to its client, the redirect URI may be left out; without it, it may not.
  const isUriExcused = command.redirectUri === undefined && code.challenge !== null;
  if (!isUriExcused && command.redirectUri !== code.redirectUri)
    return refuse("invalid_grant", "Invalid redirect_uri");
  const verified =
    code.challenge === null
      ? command.codeVerifier === undefined
      : command.codeVerifier !== undefined && verifierMatches(command.codeVerifier, code.challenge);
  if (!verified) return refuse("invalid_grant", "Invalid code verifier");
  if (exceedsAudience(grant, command.audience))
    return refuse("invalid_target", "The resource was not granted");
  if (grant.status === "active")
    return refuse("invalid_grant", "The authorization code was used before: its tokens are revoked", [
      { type: "grant.code.replayed", data: { at: now, grant } },
      revoked(grant, "code_replayed", now),
    ]);
  if (grant.status === "ended")
    return refuse("invalid_grant", "The grant has ended", [], `grant ${grant.grantId}: ${grant.reason}`);
  if (code.expiresAt <= now) return refuse("invalid_grant", "The authorization code has expired");
  if (!command.standing)
    return refuse("invalid_grant", "The authorization has ended", [], nothingToLiveBy(grant));
  const allowed = allowedNow(grant, { audience: command.audience }, command.standing);
  if (isRefusal(allowed)) return accept([], allowed);

  const next = revision + 1;
  const accessToken = freshAccessToken(grant, allowed, next, now, policy);
  const hash = command.refreshTokenHash;
  const refreshToken = hash === null ? null : freshRefreshToken(grant, hash, next, now, policy);
  const active: ActiveGrant = {
    status: "active",
    ...termsOf(grant),
    ...nothingIssued,
    refreshToken,
    lastsUntil: latest(accessToken.expiresAt, refreshToken?.expiresAt),
  };
  return accept([{ type: "grant.code.redeemed", data: { accessToken, grant: active } }], {
    grant: active,
    accessToken,
    refreshToken: refreshToken ? "first" : "none",
  });
}
