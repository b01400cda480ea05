import { type Grant, type GrantEvent, lastsUntil } from "../../domain/grant/grant.ts";
import { projection, type Write } from "./projection.ts";

/** By what a grant lives, so that it is found when that ends. */
const indexesOf = ({ clientId, userId, sessionId }: Grant) => ({
  client: clientId,
  ...(userId === null ? {} : { user: userId }),
  ...(sessionId === null ? {} : { session: sessionId }),
});

/** A grant is of no use once its last token has died by itself. */
const put = ({ grant }: { grant: Grant }): Write => ({
  id: grant.grantId,
  document: grant,
  indexes: grant.status === "ended" ? {} : indexesOf(grant),
  expiresAt: lastsUntil(grant),
});

export const grants = projection<GrantEvent>("grants", 2, {
  "grant.authorized": put,
  "grant.client_credentials.issued": put,
  "grant.code.redeemed": put,
  "grant.refresh_token.rotated": put,
  "grant.refresh_token.repeated": put,
  "grant.access_token.revoked": put,
  "grant.code.replayed": put,
  "grant.refresh_token.reused": put,
  "grant.revoked": put,
});
