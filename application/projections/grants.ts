import type { Grant, GrantEvent } from "../../domain/grant/grant.ts";
import { projection, type Write } from "./projection.ts";

/** A grant is of no use once its last token has died by itself. */
const put = ({ grant }: { grant: Grant }): Write => ({
  id: grant.grantId,
  document: grant,
  expiresAt: grant.status === "pending" ? grant.code.expiresAt : grant.lastsUntil,
});

export const grants = projection<GrantEvent>("grants", 1, {
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
