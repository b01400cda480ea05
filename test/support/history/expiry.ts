import type { Check } from "./check.ts";
import { standingOf } from "./log-index.ts";

/** I6: no token lives longer than its grant, and none is taken after its time. */
export const faultsOfExpiry: Check = function* (entries, log, { maxSkew }) {
  for (const { data } of log.issuances.values()) {
    const { accessToken, grant } = data;
    if (Math.max(accessToken.expiresAt, grant.refreshToken?.expiresAt ?? 0) > grant.expiresAt)
      yield { invariant: "I6", message: `a token outlives its grant ${grant.grantId}` };
  }
  for (const entry of entries) {
    const used =
      entry.kind === "validated" && entry.active === true
        ? entry.token
        : entry.kind === "token.issued" && entry.grantType === "refresh_token" && entry.presented;
    const standing = used && standingOf(log, used);
    if (standing && entry.started > standing.expiresAt + maxSkew)
      yield {
        invariant: "I6",
        message: `a token of grant ${standing.terms.grantId} was taken after its time`,
      };
  }
};
