import { accept, type Decider, type Decision } from "../decider.ts";
import { constantTimeEqual } from "../oauth/hash.ts";
import { verifierMatches } from "../oauth/pkce.ts";
import { type ErrorCode, type Refusal, refusal } from "../oauth/refusal.ts";
import { intersectScope, isSubset, type Scope } from "../oauth/scope.ts";
import {
  type AccessToken,
  type ActiveGrant,
  type AuthorizationCode,
  evolve,
  type Grant,
  type GrantEvent,
  type GrantState,
  type GrantTerms,
  type RevocationReason,
  unsignedAccessToken,
} from "./grant.ts";

/** Lifetimes and limits in milliseconds, as configured when the command runs. */
export interface GrantPolicy {
  readonly accessTokenLifetime: number;
  readonly refreshTokenLifetime: number;
  readonly graceWindow: number;
  readonly maxRepeats: number;
}

/** What is still allowed at the moment of the command: scopes of client and user (null where none), active resources. */
export interface Standing {
  readonly client: Scope;
  readonly user: Scope | null;
  readonly audience: readonly string[];
}

/** A token that was handed in: its hash, and the event at the revision that it names, if there is one. */
interface Presented {
  readonly hash: string;
  readonly issuedBy: GrantEvent | undefined;
}

export interface Authorize {
  readonly type: "authorize";
  readonly terms: GrantTerms;
  readonly code: AuthorizationCode;
}

export interface IssueClientCredentials {
  readonly type: "issue_client_credentials";
  readonly terms: GrantTerms;
  readonly now: number;
}

export interface RedeemCode {
  readonly type: "redeem_code";
  readonly presented: Presented;
  readonly clientId: string;
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string | undefined;
  readonly audience: readonly string[] | undefined;
  /** Undefined where the grant has nothing left to live by. */
  readonly standing: Standing | undefined;
  /** Hash of the first refresh token; null where the client may not refresh. */
  readonly refreshTokenHash: string | null;
  readonly policy: GrantPolicy;
  readonly now: number;
}

export interface Refresh {
  readonly type: "refresh";
  readonly presented: Presented & { readonly revision: number };
  readonly clientId: string;
  readonly scope: Scope | undefined;
  readonly audience: readonly string[] | undefined;
  readonly standing: Standing | undefined;
  readonly successor: { readonly hash: string; readonly nonce: string; readonly keyVersion: number };
  readonly policy: GrantPolicy;
  readonly now: number;
}

export interface RevokeAccessToken {
  readonly type: "revoke_access_token";
  readonly clientId: string;
  /** Of the event that issued the token. */
  readonly tokenRevision: number;
  readonly now: number;
}

export interface RevokeGrant {
  readonly type: "revoke";
  readonly clientId: string | undefined;
  /** Where set, only a token that was issued revokes; knowing a grant id kills nothing. */
  readonly presented: Presented | undefined;
  readonly reason: RevocationReason;
  readonly now: number;
}

export type GrantCommand =
  | Authorize
  | IssueClientCredentials
  | RedeemCode
  | Refresh
  | RevokeAccessToken
  | RevokeGrant;

/** The tokens to hand out: the access token to be signed, and which refresh token goes with it. */
export interface Issued {
  readonly grant: ActiveGrant;
  readonly accessToken: AccessToken;
  readonly refreshToken: "none" | "first" | "successor" | "same_successor";
}

export type GrantAnswer = Issued | { readonly done: true } | Refusal;

type GrantDecision = Decision<GrantEvent, GrantAnswer>;

/** How many access tokens of one grant are remembered as revoked one by one. */
const maxRevokedAccessTokens = 16;

const done = { done: true } as const;

const refuse = (error: ErrorCode, description: string, events: readonly GrantEvent[] = []): GrantDecision =>
  accept(events, refusal(error, description));

/** Starts a grant with its authorization code (RFC 6749 §4.1.2). */
function authorize({ terms, code }: Authorize, grant: GrantState): GrantDecision {
  if (grant) return refuse("invalid_request", "The grant exists already");
  return accept([{ type: "grant.authorized", data: { grant: { status: "pending", ...terms, code } } }], done);
}

const noneRevoked = { revisions: [], throughRevision: -1 };

/** One access token for the client itself (RFC 6749 §4.4); the grant ends with it. */
function issueClientCredentials({ terms, now }: IssueClientCredentials, grant: GrantState): GrantDecision {
  if (grant) return refuse("invalid_request", "The grant exists already");
  const { scope, audience, expiresAt } = terms;
  const accessToken = unsignedAccessToken({ revision: 0, scope, audience, issuedAt: now, expiresAt });
  const issued: ActiveGrant = {
    status: "active",
    ...terms,
    refreshToken: null,
    spent: null,
    accessTokens: [],
    revoked: noneRevoked,
    lastsUntil: expiresAt,
  };
  return accept([{ type: "grant.client_credentials.issued", data: { accessToken, grant: issued } }], {
    grant: issued,
    accessToken,
    refreshToken: "none",
  });
}

const termsOf = (grant: Grant): GrantTerms => ({
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

const revoked = (grant: Grant, reason: RevocationReason, now: number): GrantEvent => ({
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

/** What of the grant's scope client and user still have. */
export const scopeNow = (grant: Grant, { client, user }: Pick<Standing, "client" | "user">): Scope =>
  intersectScope(grant.scope, client, user ?? grant.scope);

/** What of the audience is still there. */
const audienceNow = (audience: readonly string[], { audience: active }: Standing): readonly string[] =>
  audience.filter((resource) => active.includes(resource));

const issuable = (
  grant: GrantTerms,
  scope: Scope,
  audience: readonly string[],
  revision: number,
  now: number,
  policy: GrantPolicy,
): AccessToken =>
  unsignedAccessToken({
    revision,
    scope,
    audience,
    issuedAt: now,
    expiresAt: Math.min(now + policy.accessTokenLifetime, grant.expiresAt),
  });

const latest = (...times: readonly (number | undefined)[]): number =>
  Math.max(...times.filter((time) => time !== undefined));

/** Redeems an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.6, OAuth 2.1 §4.1.3). */
function redeem(command: RedeemCode, grant: GrantState, revision: number): GrantDecision {
  const { presented, policy, now } = command;
  const authorized = presented.issuedBy?.data.grant;
  if (!grant || authorized?.status !== "pending" || !constantTimeEqual(presented.hash, authorized.code.hash))
    return refuse("invalid_grant", "Invalid authorization code");
  const { code } = authorized;
  if (command.clientId !== grant.clientId) return refuse("invalid_grant", "Invalid authorization code");
  // Where PKCE binds the code to its client, the redirect URI may be left out; without it, it may not.
  const isUriExcused = command.redirectUri === undefined && code.challenge !== null;
  if (!isUriExcused && command.redirectUri !== code.redirectUri)
    return refuse("invalid_grant", "Invalid redirect_uri");
  const verified =
    code.challenge === null
      ? command.codeVerifier === undefined
      : command.codeVerifier !== undefined && verifierMatches(command.codeVerifier, code.challenge);
  if (!verified) return refuse("invalid_grant", "Invalid code verifier");
  if (command.audience && !isSubset(command.audience, grant.audience))
    return refuse("invalid_target", "The resource was not granted");
  if (grant.status === "active")
    return refuse("invalid_grant", "The authorization code was used before: its tokens are revoked", [
      { type: "grant.code.replayed", data: { at: now, grant } },
      revoked(grant, "code_replayed", now),
    ]);
  if (grant.status === "ended") return refuse("invalid_grant", "The grant has ended");
  if (code.expiresAt <= now) return refuse("invalid_grant", "The authorization code has expired");
  if (!command.standing) return refuse("invalid_grant", "The authorization has ended");
  const scope = scopeNow(grant, command.standing);
  if (scope.length === 0) return refuse("invalid_grant", "Nothing that was granted is allowed any more");
  const audience = audienceNow(command.audience ?? grant.audience, command.standing);
  if (audience.length === 0) return refuse("invalid_target", "The resource is not available any more");

  const next = revision + 1;
  const accessToken = issuable(grant, scope, audience, next, now, policy);
  const refreshToken =
    command.refreshTokenHash === null
      ? null
      : {
          revision: next,
          hash: command.refreshTokenHash,
          issuedAt: now,
          expiresAt: Math.min(now + policy.refreshTokenLifetime, grant.expiresAt),
        };
  const active: ActiveGrant = {
    status: "active",
    ...termsOf(grant),
    refreshToken,
    spent: null,
    accessTokens: [],
    revoked: noneRevoked,
    lastsUntil: latest(accessToken.expiresAt, refreshToken?.expiresAt),
  };
  return accept([{ type: "grant.code.redeemed", data: { accessToken, grant: active } }], {
    grant: active,
    accessToken,
    refreshToken: refreshToken ? "first" : "none",
  });
}

/** Whether the event at the revision that a refresh token names did issue exactly that token. */
function wasIssued({ hash, issuedBy }: Presented): boolean {
  if (issuedBy?.type !== "grant.code.redeemed" && issuedBy?.type !== "grant.refresh_token.rotated")
    return false;
  const { refreshToken } = issuedBy.data.grant;
  return refreshToken !== null && constantTimeEqual(hash, refreshToken.hash);
}

/**
 * Rotates a refresh token (RFC 6749 §6, RFC 9700 §4.14). The current one gets a successor. The one before it gets
 * the same successor again while the grace window is open: the reply was lost. Any other use of a token that was
 * issued is a reuse and ends the grant.
 */
function refresh(command: Refresh, grant: GrantState, revision: number): GrantDecision {
  const { presented, policy, now } = command;
  if (!grant || !wasIssued(presented) || command.clientId !== grant.clientId)
    return refuse("invalid_grant", "Invalid refresh token");
  if (grant.status !== "active" || !grant.refreshToken || !command.standing)
    return refuse("invalid_grant", "The grant has ended");
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
  if (command.audience && !isSubset(command.audience, grant.audience))
    return refuse("invalid_target", "The resource was not granted");
  const scope = intersectScope(command.scope ?? grant.scope, scopeNow(grant, command.standing));
  if (scope.length === 0) return refuse("invalid_grant", "Nothing that was granted is allowed any more");
  const audience = audienceNow(command.audience ?? grant.audience, command.standing);
  if (audience.length === 0) return refuse("invalid_target", "The resource is not available any more");

  const accessToken = issuable(grant, scope, audience, revision + 1, now, policy);
  return isCurrent ? rotate(command, grant, accessToken) : repeat(grant, accessToken);
}

function rotate(
  { presented, successor, policy, now }: Refresh,
  grant: ActiveGrant,
  accessToken: AccessToken,
): GrantDecision {
  const refreshToken = {
    revision: accessToken.revision,
    hash: successor.hash,
    issuedAt: now,
    expiresAt: Math.min(now + policy.refreshTokenLifetime, grant.expiresAt),
  };
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

/** Whether the access token that was issued at this revision was revoked by itself. */
export const isAccessTokenRevoked = ({ revoked }: ActiveGrant, revision: number): boolean =>
  revision <= revoked.throughRevision || revoked.revisions.includes(revision);

/** Revokes one access token (RFC 7009 §2.1); where the list is full, its oldest and all before go into the watermark. */
function revokeAccessToken(command: RevokeAccessToken, grant: GrantState): GrantDecision {
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
function revoke({ clientId, presented, reason, now }: RevokeGrant, grant: GrantState): GrantDecision {
  if (!grant || (presented && !wasIssued(presented))) return accept([], done);
  if (clientId !== undefined && grant.clientId !== clientId)
    return refuse("invalid_grant", "The token was issued to another client");
  if (grant.status === "ended") return accept([], done);
  return accept([revoked(grant, reason, now)], done);
}

/** The rules of a token family. */
export const grantDecider: Decider<GrantState, GrantCommand, GrantEvent, GrantAnswer> = {
  initialState: undefined,
  evolve,
  decide(command, grant, revision) {
    switch (command.type) {
      case "authorize":
        return authorize(command, grant);
      case "issue_client_credentials":
        return issueClientCredentials(command, grant);
      case "redeem_code":
        return redeem(command, grant, revision);
      case "refresh":
        return refresh(command, grant, revision);
      case "revoke_access_token":
        return revokeAccessToken(command, grant);
      case "revoke":
        return revoke(command, grant);
    }
  },
};
