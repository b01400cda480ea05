import type { AccessToken, ActiveGrant, Grant, GrantEvent } from "../../../../domain/grant/grant.ts";
import { type Facts, pick, type Told } from "./told.ts";

const termsOf = (grant: Grant): Facts =>
  pick(
    grant,
    "grantId",
    "clientId",
    "userId",
    "sessionId",
    "scope",
    "audience",
    "authenticatedAt",
    "authorizedAt",
    "expiresAt",
  );

/** Scope and audience are those of the token, which may have less than its grant. */
const issued = ({ grant, accessToken }: { grant: ActiveGrant; accessToken: AccessToken }): Facts => ({
  ...termsOf(grant),
  scope: accessToken.scope,
  audience: accessToken.audience,
  accessToken: pick(accessToken, "revision", "issuedAt", "expiresAt"),
  refreshToken: grant.refreshToken && pick(grant.refreshToken, "revision", "issuedAt", "expiresAt"),
});

/** What is given out of grants and their tokens. A token has its number in the grant, and no hash. */
export const toldOfGrants: Told<GrantEvent> = {
  "grant.authorized": ({ grant }) => ({
    ...termsOf(grant),
    redirectUri: grant.code.redirectUri,
    codeExpiresAt: grant.code.expiresAt,
  }),
  "grant.client_credentials.issued": issued,
  "grant.code.redeemed": issued,
  "grant.refresh_token.rotated": issued,
  "grant.refresh_token.repeated": issued,
  "grant.access_token.revoked": ({ grant, revision, at }) => ({ ...termsOf(grant), revision, at }),
  "grant.code.replayed": ({ grant, at }) => ({ ...termsOf(grant), at }),
  "grant.refresh_token.reused": ({ grant, revision, at }) => ({ ...termsOf(grant), revision, at }),
  "grant.revoked": ({ grant }) => ({ ...termsOf(grant), ...pick(grant, "reason", "endedAt") }),
};
