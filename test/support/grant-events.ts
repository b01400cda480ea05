import type {
  AccessToken,
  ActiveGrant,
  EndedGrant,
  GrantEvent,
  GrantTerms,
  PendingGrant,
  RefreshToken,
  RevocationReason,
} from "../../domain/grant/grant.ts";
import { sha256 } from "../../domain/oauth/hash.ts";

/** This many seconds after the grant began, as epoch milliseconds. */
export const at = (seconds: number): number => 1_800_000_000_000 + seconds * 1000;

const day = 24 * 60 * 60;

export const verifier = "verifier-verifier-verifier-verifier-verifier";

export const terms: GrantTerms = {
  grantId: "g1",
  clientId: "app",
  clientEpoch: 0,
  userId: "ada",
  userEpoch: 2,
  sessionId: "s1",
  scope: ["read", "write"],
  audience: ["https://mcp.example", "https://admin.example"],
  authenticatedAt: at(-5),
  authorizedAt: at(0),
  expiresAt: at(90 * day),
};

export const code = {
  hash: "code-hash",
  challenge: sha256(verifier),
  redirectUri: "https://app.example/callback",
  expiresAt: at(60),
};

export const pending: PendingGrant = { status: "pending", ...terms, code };

export const authorized: GrantEvent = { type: "grant.authorized", data: { grant: pending } };

/** The access token that the event at this revision issues, 15 minutes long. */
export const accessToken = (
  revision: number,
  issuedAt: number,
  changes: Partial<AccessToken> = {},
): AccessToken => ({
  revision,
  hash: `access-${revision}`,
  scope: terms.scope,
  audience: terms.audience,
  issuedAt,
  expiresAt: issuedAt + 900_000,
  ...changes,
});

/** The refresh token that the event at this revision issues, 30 days long. */
export const refreshToken = (
  revision: number,
  issuedAt: number,
  changes: Partial<RefreshToken> = {},
): RefreshToken => ({
  revision,
  hash: `refresh-${revision}`,
  issuedAt,
  expiresAt: issuedAt + 30 * day * 1000,
  ...changes,
});

const known = ({ revision, hash, expiresAt }: AccessToken) => ({ revision, hash, expiresAt });

/** A grant whose code was redeemed at once; its newest access token is not signed yet. */
export const active = (changes: Partial<ActiveGrant> = {}): ActiveGrant => ({
  status: "active",
  ...terms,
  refreshToken: refreshToken(1, at(0)),
  spent: null,
  accessTokens: [],
  revoked: { revisions: [], throughRevision: -1 },
  lastsUntil: refreshToken(1, at(0)).expiresAt,
  ...changes,
});

/** Revision 1 of the family: the code redeemed at `at(0)`. */
export const redeemed: GrantEvent = {
  type: "grant.code.redeemed",
  data: {
    accessToken: accessToken(1, at(0)),
    grant: active({ accessTokens: [known(accessToken(1, at(0)))] }),
  },
};

/** The first refresh token rotated at revision 2. */
export const rotated = (time: number, repeats = 0): GrantEvent => ({
  type: "grant.refresh_token.rotated",
  data: {
    accessToken: accessToken(2, time),
    grant: active({
      refreshToken: refreshToken(2, time),
      spent: { revision: 1, nonce: "nonce-2", keyVersion: 1, repeats },
      accessTokens: [known(accessToken(1, at(0))), known(accessToken(2, time))],
      lastsUntil: refreshToken(2, time).expiresAt,
    }),
  },
});

/** The state that an event of an active grant leaves behind. */
export function activeAfter(event: GrantEvent | undefined): ActiveGrant {
  if (event?.data.grant.status !== "active") throw new Error("the grant is not active after this event");
  return event.data.grant;
}

/** What a grant is once it has ended. */
export const ended = (reason: RevocationReason, endedAt: number, lastsUntil: number): EndedGrant => ({
  status: "ended",
  ...terms,
  reason,
  endedAt,
  lastsUntil,
});

export const revoked = (reason: RevocationReason, endedAt: number, lastsUntil: number): GrantEvent => ({
  type: "grant.revoked",
  data: { grant: ended(reason, endedAt, lastsUntil) },
});
