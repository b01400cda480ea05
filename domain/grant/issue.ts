import { accept } from "../decider.ts";
import { type ErrorCode, type Refusal, refusal } from "../oauth/refusal.ts";
import { intersectScope, isSubset, type Scope } from "../oauth/scope.ts";
import type { GrantDecision, GrantPolicy, Standing } from "./commands.ts";
import {
  type AccessToken,
  type Grant,
  type GrantEvent,
  type GrantTerms,
  type RefreshToken,
  unsignedAccessToken,
} from "./grant.ts";

/** Refuses, and records what the refusal led to. `reason` is for the operator's log only. */
export const refuse = (
  error: ErrorCode,
  description: string,
  events: readonly GrantEvent[] = [],
  reason?: string,
): GrantDecision => accept(events, refusal(error, description, reason));

/** Refuses what is not this client's, without telling that client so. */
export const refuseForeign = (description: string, { grantId, clientId }: GrantTerms): GrantDecision =>
  refuse("invalid_grant", description, [], `grant ${grantId} is that of client ${clientId}`);

/** Why a grant is dead whose own stream does not say so yet. */
export const nothingToLiveBy = ({ grantId }: GrantTerms): string =>
  `grant ${grantId}: its user, its client or the session that it is bound to has ended`;

/** The parts of a grant that are fixed when it begins. */
export const termsOf = (grant: Grant): GrantTerms => ({
  grantId: grant.grantId,
  clientId: grant.clientId,
  clientEpoch: grant.clientEpoch,
  userId: grant.userId,
  userEpoch: grant.userEpoch,
  sessionId: grant.sessionId,
  scope: grant.scope,
  audience: grant.audience,
  authenticatedAt: grant.authenticatedAt,
  authorizedAt: grant.authorizedAt,
  expiresAt: grant.expiresAt,
});

/** What of the grant's scope client and user still have. */
export const scopeNow = (grant: Grant, { client, user }: Pick<Standing, "client" | "user">): Scope =>
  intersectScope(grant.scope, client, user ?? grant.scope);

/** Scope and audience of a new access token: what was asked for or granted, as far as it is allowed now (RFC 8707 §2.2). */
export function allowedNow(
  grant: Grant,
  asked: { readonly scope?: Scope | undefined; readonly audience: readonly string[] | undefined },
  standing: Standing,
): Pick<AccessToken, "scope" | "audience"> | Refusal {
  const scope = intersectScope(asked.scope ?? grant.scope, scopeNow(grant, standing));
  if (scope.length === 0) return refusal("invalid_grant", "Nothing that was granted is allowed any more");
  const audience = (asked.audience ?? grant.audience).filter((uri) => standing.audience.includes(uri));
  if (audience.length === 0) return refusal("invalid_target", "The resource is not available any more");
  return { scope, audience };
}

/** Whether resources are asked for that the grant does not hold. */
export const exceedsAudience = (grant: Grant, audience: readonly string[] | undefined): boolean =>
  audience !== undefined && !isSubset(audience, grant.audience);

/** An access token that is about to be signed; no token outlives its grant. */
export const freshAccessToken = (
  grant: GrantTerms,
  allowed: Pick<AccessToken, "scope" | "audience">,
  revision: number,
  now: number,
  policy: GrantPolicy,
): AccessToken =>
  unsignedAccessToken({
    revision,
    ...allowed,
    issuedAt: now,
    expiresAt: Math.min(now + policy.accessTokenLifetime, grant.expiresAt),
  });

/** A refresh token, sliding with each rotation up to the end of its grant. */
export const freshRefreshToken = (
  grant: GrantTerms,
  hash: string,
  revision: number,
  now: number,
  policy: GrantPolicy,
): RefreshToken => ({
  revision,
  hash,
  issuedAt: now,
  expiresAt: Math.min(now + policy.refreshTokenLifetime, grant.expiresAt),
});

/** The latest of these times. */
export const latest = (...times: readonly (number | undefined)[]): number =>
  Math.max(...times.filter((time) => time !== undefined));

/** A grant that has issued no token yet. */
export const nothingIssued = {
  refreshToken: null,
  spent: null,
  accessTokens: [],
  revoked: { revisions: [], throughRevision: -1 },
} as const;
