import type { DomainEvent } from "../decider.ts";
import type { Scope } from "../oauth/scope.ts";

/** What was granted, to whom, by whom; fixed when the grant begins. All times are epoch milliseconds. */
export interface GrantTerms {
  readonly grantId: string;
  readonly clientId: string;
  readonly clientEpoch: number;
  /** Null where the client acts for itself (client_credentials). */
  readonly userId: string | null;
  readonly userEpoch: number | null;
  /** The session whose end on purpose ends this grant; null where none is bound. */
  readonly sessionId: string | null;
  readonly scope: Scope;
  /** The resources (RFC 8707) that tokens of this grant may be for. */
  readonly audience: readonly string[];
  readonly authenticatedAt: number | null;
  readonly authorizedAt: number;
  /** No token of this grant lives longer. */
  readonly expiresAt: number;
}

/** The authorization code of RFC 6749 §4.1.2, by its hash. */
export interface AuthorizationCode {
  readonly hash: string;
  /** The S256 challenge (RFC 7636); null only where a confidential client is excused from PKCE. */
  readonly challenge: string | null;
  readonly redirectUri: string;
  readonly expiresAt: number;
}

/** An access token of this grant. `revision` is that of the event that issued it, and its number in the grant. */
export interface AccessToken {
  readonly revision: number;
  readonly hash: string;
  readonly scope: Scope;
  readonly audience: readonly string[];
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface RefreshToken {
  /** Of the event that issued it; written in the token itself. */
  readonly revision: number;
  readonly hash: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** The predecessor of the current refresh token, with what is needed to derive that successor again. */
export interface SpentRefreshToken {
  readonly revision: number;
  readonly nonce: string;
  readonly keyVersion: number;
  readonly repeats: number;
}

/**
 * Access tokens revoked one by one, by their revision, at most `maxRevokedAccessTokens`. All that were issued at or
 * before `throughRevision` are revoked too, so that the list stays bounded and errs on the safe side.
 */
export interface RevokedAccessTokens {
  readonly revisions: readonly number[];
  readonly throughRevision: number;
}

export interface PendingGrant extends GrantTerms {
  readonly status: "pending";
  readonly code: AuthorizationCode;
}

export interface ActiveGrant extends GrantTerms {
  readonly status: "active";
  readonly refreshToken: RefreshToken | null;
  readonly spent: SpentRefreshToken | null;
  /** The newest tokens that may still live, oldest first, at most `maxKnownAccessTokens`. */
  readonly accessTokens: readonly Pick<AccessToken, "revision" | "hash" | "expiresAt">[];
  readonly revoked: RevokedAccessTokens;
  /** When the last access or refresh token dies by itself. */
  readonly lastsUntil: number;
}

/** `…_ended`: what the grant lived by ended before, and with it the grant was dead already. */
export type RevocationReason =
  | "code_replayed"
  | "refresh_token_reused"
  | "client_request"
  | "user_request"
  | "operator"
  | "user_ended"
  | "client_ended"
  | "session_ended";

export interface EndedGrant extends GrantTerms {
  readonly status: "ended";
  readonly reason: RevocationReason;
  readonly endedAt: number;
  readonly lastsUntil: number;
}

/** A token family: what hangs on one authorization. Each state holds all that is needed to go on from it. */
export type Grant = PendingGrant | ActiveGrant | EndedGrant;

/** Undefined: nothing was ever granted under this id. */
export type GrantState = Grant | undefined;

export type GrantEvent =
  | DomainEvent<"grant.authorized", { grant: PendingGrant }>
  | DomainEvent<"grant.client_credentials.issued", { accessToken: AccessToken; grant: ActiveGrant }>
  | DomainEvent<"grant.code.redeemed", { accessToken: AccessToken; grant: ActiveGrant }>
  | DomainEvent<"grant.refresh_token.rotated", { accessToken: AccessToken; grant: ActiveGrant }>
  | DomainEvent<"grant.refresh_token.repeated", { accessToken: AccessToken; grant: ActiveGrant }>
  | DomainEvent<"grant.access_token.revoked", { revision: number; at: number; grant: ActiveGrant }>
  | DomainEvent<"grant.code.replayed", { at: number; grant: ActiveGrant }>
  | DomainEvent<"grant.refresh_token.reused", { revision: number; at: number; grant: ActiveGrant }>
  | DomainEvent<"grant.revoked", { grant: EndedGrant }>;

/** When nothing of a grant can be used any more, whatever happens. */
export const lastsUntil = (grant: Grant): number =>
  grant.status === "pending" ? grant.code.expiresAt : grant.lastsUntil;

/** How many access tokens a grant knows by hash; an older one is checked by its signature. */
export const maxKnownAccessTokens = 4;

/** The hash of an access token that is decided on but not signed yet; no stored event may hold it. */
const unsigned = "";

/** The access token that is about to be signed. */
export const unsignedAccessToken = (token: Omit<AccessToken, "hash">): AccessToken => ({
  ...token,
  hash: unsigned,
});

/** Puts the hash of the signed token into the event that issues it: sign, then append, then answer. */
export function sign(event: GrantEvent, hash: string): GrantEvent {
  if (!("accessToken" in event.data) || event.data.accessToken.hash !== unsigned) return event;
  const accessToken = { ...event.data.accessToken, hash };
  const { revision, expiresAt } = accessToken;
  const known = event.data.grant.accessTokens.filter((token) => token.expiresAt > accessToken.issuedAt);
  const accessTokens = [...known, { revision, hash, expiresAt }].slice(-maxKnownAccessTokens);
  return { ...event, data: { accessToken, grant: { ...event.data.grant, accessTokens } } } as GrantEvent;
}

/** The state after an event is what the event carries. */
export const evolve = (_state: GrantState, event: GrantEvent): Grant => event.data.grant;
