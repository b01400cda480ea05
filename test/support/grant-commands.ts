import type { GrantPolicy, RedeemCode, Refresh, RevokeGrant, Standing } from "../../domain/grant/commands.ts";
import type { GrantEvent } from "../../domain/grant/grant.ts";
import { at, authorized, code, terms, verifier } from "./grant-events.ts";

export const policy: GrantPolicy = {
  accessTokenLifetime: 900_000,
  refreshTokenLifetime: 30 * 24 * 60 * 60 * 1000,
  graceWindow: 10_000,
  maxRepeats: 64,
};

/** Client and user may still do all that was granted, and every resource is there, but for what `changes` says. */
export const standing = (changes: Partial<Standing> = {}): Standing => ({
  client: ["read", "write", "admin"],
  user: ["write", "read"],
  audience: ["https://else.example", ...terms.audience],
  ...changes,
});

/** The right client redeems the right code with the right verifier, but for what `changes` says. */
export const redeem = (changes: Partial<RedeemCode> = {}): RedeemCode => ({
  type: "redeem_code",
  presented: { hash: code.hash, issuedBy: authorized },
  clientId: "app",
  redirectUri: code.redirectUri,
  codeVerifier: verifier,
  audience: undefined,
  standing: standing(),
  refreshTokenHash: "refresh-1",
  policy,
  now: at(0),
  ...changes,
});

/** The refresh token that the event at `revision` issued, as handed in again. */
export const presentedAt = (family: readonly GrantEvent[], revision: number) => ({
  hash: `refresh-${revision}`,
  revision,
  issuedBy: family[revision],
});

/** The right client refreshes with the token that `revision` of the family issued, but for what `changes` says. */
export const refresh = (
  family: readonly GrantEvent[],
  revision: number,
  now: number,
  changes: Partial<Refresh> = {},
): Refresh => ({
  type: "refresh",
  presented: presentedAt(family, revision),
  clientId: "app",
  scope: undefined,
  audience: undefined,
  standing: standing(),
  successor: { hash: `refresh-${family.length}`, nonce: `nonce-${family.length}`, keyVersion: 1 },
  policy,
  now,
  ...changes,
});

/** The right client revokes the grant, but for what `changes` says. */
export const revoke = (now: number, changes: Partial<RevokeGrant> = {}): RevokeGrant => ({
  type: "revoke",
  clientId: "app",
  presented: undefined,
  reason: "client_request",
  now,
  ...changes,
});
