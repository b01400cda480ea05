import type { Ending } from "../closure/closure.ts";
import type { Decision } from "../decider.ts";
import type { Refusal } from "../oauth/refusal.ts";
import type { Scope } from "../oauth/scope.ts";
import type {
  AccessToken,
  ActiveGrant,
  AuthorizationCode,
  GrantEvent,
  GrantTerms,
  RevocationReason,
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
export interface Presented {
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

/** Records on the grant's own stream that what it lived by has ended. */
export interface CloseGrant {
  readonly type: "close";
  readonly ending: Ending;
  readonly now: number;
}

export type GrantCommand =
  | Authorize
  | IssueClientCredentials
  | RedeemCode
  | Refresh
  | RevokeAccessToken
  | RevokeGrant
  | CloseGrant;

/** The tokens to hand out: the access token to be signed, and which refresh token goes with it. */
export interface Issued {
  readonly grant: ActiveGrant;
  readonly accessToken: AccessToken;
  readonly refreshToken: "none" | "first" | "successor" | "same_successor";
}

export type GrantAnswer = Issued | { readonly done: true } | Refusal;

export type GrantDecision = Decision<GrantEvent, GrantAnswer>;
