import { accept } from "../decider.ts";
import { constantTimeEqual } from "../oauth/hash.ts";
import type { GrantDecision, Presented, RevokeAccessToken, RevokeGrant } from "./commands.ts";
import type { ActiveGrant, Grant, GrantEvent, GrantState, RevocationReason } from "./grant.ts";
import { refuse, termsOf } from "./issue.ts";

/** How many access tokens of one grant are remembered as revoked one by one. */
const maxRevokedAccessTokens = 16;

const done = { done: true } as const;

/** The end of a grant. */
export const revoked = (grant: Grant, reason: RevocationReason, now: number): GrantEvent => ({
  type: "grant.revoked",
  data: {
    grant: {
      status: "ended",
      ...termsOf(grant),
      reason,
      endedAt: now,
      lastsUntil: "lastsUntil" in grant ? grant.lastsUntil : grant.expiresAt,
    },
  },
});

/** Whether the event at the revision that a refresh token names did issue exactly that token. */
export function wasIssued({ hash, issuedBy }: Presented): boolean {
  if (issuedBy?.type !== "grant.code.redeemed" && issuedBy?.type !== "grant.refresh_token.rotated")
    return false;
  const { refreshToken } = issuedBy.data.grant;
  return refreshToken !== null && constantTimeEqual(hash, refreshToken.hash);
}

/** Whether the access token that was issued at this revision was revoked by itself. */
export const isAccessTokenRevoked = ({ revoked }: ActiveGrant, revision: number): boolean =>
  revision <= revoked.throughRevision || revoked.revisions.includes(revision);

/** Revokes one access token (RFC 7009 §2.1); where the list is full, its oldest and all before go into the watermark. */
export function revokeAccessToken(command: RevokeAccessToken, grant: GrantState): GrantDecision {
  const { clientId, tokenRevision, now } = command;
  if (grant && grant.clientId !== clientId)
    return refuse("invalid_grant", "The token was issued to another client");
  if (grant?.status !== "active" || isAccessTokenRevoked(grant, tokenRevision)) return accept([], done);
  const sorted = [...grant.revoked.revisions, tokenRevision].sort((a, b) => a - b);
  const kept = sorted.slice(-maxRevokedAccessTokens);
  const dropped = sorted.slice(0, -maxRevokedAccessTokens);
  const revoked = { revisions: kept, throughRevision: Math.max(grant.revoked.throughRevision, ...dropped) };
  return accept(
    [
      {
        type: "grant.access_token.revoked",
        data: { revision: tokenRevision, at: now, grant: { ...grant, revoked } },
      },
    ],
    done,
  );
}

/** Ends a grant with everything that hangs on it (RFC 7009 §2.1). */
export function revoke({ clientId, presented, reason, now }: RevokeGrant, grant: GrantState): GrantDecision {
  if (!grant || (presented && !wasIssued(presented))) return accept([], done);
  if (clientId !== undefined && grant.clientId !== clientId)
    return refuse("invalid_grant", "The token was issued to another client");
  if (grant.status === "ended") return accept([], done);
  return accept([revoked(grant, reason, now)], done);
}
