import type { AccessToken, Grant, GrantEvent, RevocationReason } from "../../../domain/grant/grant.ts";
import { scopeText, timeText, type Words } from "./words.ts";

const reasons: Readonly<Record<RevocationReason, string>> = {
  code_replayed: "its code was used a second time",
  refresh_token_reused: "a refresh token that was spent came back",
  client_request: "its client revoked it",
  user_request: "its user disconnected the application",
  operator: "an operator revoked it",
  user_ended: "its user was disabled, erased, signed out everywhere or got a new password",
  client_ended: "its client was disabled, deleted or compromised",
  session_ended: "the session that it was bound to was ended on purpose",
};

const holder = ({ clientId, userId }: Grant): string =>
  userId === null ? `client ${clientId} (for itself)` : `client ${clientId} (user ${userId})`;

const issued =
  (what: string) =>
  ({ grant, accessToken }: { grant: Grant; accessToken: AccessToken }): string =>
    `grant ${grant.grantId}: ${what} for ${holder(grant)}, ${scopeText(accessToken.scope)}, access token ${accessToken.revision} until ${timeText(accessToken.expiresAt)}`;

/** What is told of grants and their tokens. */
export const grantWords: Words<GrantEvent> = {
  "grant.authorized": ({ grant }) =>
    `grant ${grant.grantId}: code issued for ${holder(grant)}, ${scopeText(grant.scope)}, until ${timeText(grant.code.expiresAt)}`,
  "grant.client_credentials.issued": issued("access token issued"),
  "grant.code.redeemed": issued("code redeemed"),
  "grant.refresh_token.rotated": issued("refresh token rotated"),
  "grant.refresh_token.repeated": issued(
    "the same refresh token was handed out again, as the answer before seems to be lost,",
  ),
  "grant.access_token.revoked": ({ grant, revision }) =>
    `grant ${grant.grantId}: access token ${revision} revoked at the request of ${holder(grant)}`,
  "grant.code.replayed": ({ grant }) =>
    `grant ${grant.grantId}: its code came a second time from ${holder(grant)}; somebody else may know it`,
  "grant.refresh_token.reused": ({ grant, revision }) =>
    `grant ${grant.grantId}: refresh token ${revision}, spent before, came back from ${holder(grant)}; somebody else may know it`,
  "grant.revoked": ({ grant }) =>
    `grant ${grant.grantId}: ended with all its tokens, ${holder(grant)}: ${reasons[grant.reason]}`,
};
