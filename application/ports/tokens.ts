import type { SigningAlgorithm, SigningKey, SigningKeys } from "../../domain/signing-key/signing-key.ts";

/** What an access token says (RFC 9068 §2.2) and what it lives by. Times are epoch seconds. */
export interface AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly client_id: string;
  readonly scope: string;
  /** `<grant id>.<revision of the issuing event>`. */
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly auth_time?: number | undefined;
  readonly sid?: string | undefined;
  readonly client_epoch: number;
  readonly user_epoch?: number | undefined;
}

/** What an access token says of itself. */
export interface ReadToken {
  readonly claims: AccessTokenClaims;
  /** Whether only we can have made it, as its seal shows. A JWT may say what it likes until its signature is checked. */
  readonly isSealed: boolean;
  /** SHA-256 of the token, as it is kept. */
  readonly hash: string;
}

/** The forms of access tokens, and the keys that sign them. */
export interface Tokens {
  /** Signs a JWT (typ at+jwt, RFC 9068) with the active key. */
  signJwt(claims: AccessTokenClaims, key: SigningKey): Promise<string>;
  /** Reads a JWT or an opaque token; undefined where it has neither form, or no seal of ours. */
  read(token: string): ReadToken | undefined;
  /** Whether one of the published keys signed this JWT as an access token; never throws for a bad one. */
  verifyJwt(token: string, keys: SigningKeys): Promise<boolean>;
  /** An opaque token: the claims sealed, so that only we can read or make one. */
  seal(claims: AccessTokenClaims): string;
  /** A fresh signing key, its private part sealed. */
  generateKey(algorithm: SigningAlgorithm, now: number): Promise<SigningKey>;
}

/** What a client assertion says once its signature was checked (RFC 7523 §3). */
export interface AssertionClaims {
  readonly jti: string;
  readonly expiresAt: number;
}

/** Checks client assertions of private_key_jwt. */
export interface ClientAssertions {
  /** The client id that an assertion claims, unchecked; undefined where it is no JWT with one. */
  claimedClientId(assertion: string): string | undefined;
  /**
   * The claims where the assertion keeps every rule: signed by a key of the client, iss = sub = client id, `aud` the
   * issuer as a single string, `exp` at most 5 minutes ahead, a `jti`. Undefined otherwise.
   */
  verify(
    assertion: string,
    client: {
      readonly clientId: string;
      readonly jwks: { readonly keys: readonly Readonly<Record<string, unknown>>[] } | null;
      readonly jwksUri: string | null;
    },
    now: number,
  ): Promise<AssertionClaims | undefined>;
}
