import type { GrantCommand, GrantPolicy } from "../../../domain/grant/commands.ts";
import type { AccessToken, GrantEvent, GrantState } from "../../../domain/grant/grant.ts";
import { termsOf } from "../../../domain/grant/issue.ts";
import { sha256 } from "../../../domain/oauth/hash.ts";
import { grantUnder, scopeUnder, type WhatIf } from "./policy.ts";

/** The events that gave somebody something: all that can be decided again. */
export type GrantDecided = Extract<
  GrantEvent,
  { readonly data: { readonly accessToken: AccessToken } } | { readonly type: "grant.authorized" }
>;

type Issued = Extract<GrantDecided, { readonly data: { readonly accessToken: AccessToken } }>;

/** The log holds neither verifiers nor secrets; what matched then would have matched, so anything stands for it. */
const standIn = "stand-in";

/** The rules of the grants' decider: the other ones, or those by which the token was issued. */
function policyFor(whatIf: WhatIf, { accessToken, grant }: Issued["data"]): GrantPolicy {
  const { issuedAt, expiresAt } = accessToken;
  const { refreshToken } = grant;
  return {
    accessTokenLifetime: whatIf.accessTokenLifetime ?? expiresAt - issuedAt,
    refreshTokenLifetime:
      whatIf.refreshTokenLifetime ?? (refreshToken ? refreshToken.expiresAt - refreshToken.issuedAt : 0),
    graceWindow: whatIf.graceWindow ?? Number.POSITIVE_INFINITY,
    maxRepeats: Number.POSITIVE_INFINITY,
  };
}

/** The grant as it would have stood after an event, in which the stand-in matches. */
export function stateAfter(whatIf: WhatIf, before: GrantEvent | undefined): GrantState {
  if (!before) return undefined;
  const grant = grantUnder(whatIf, before.data.grant);
  if (grant.status === "pending" && grant.code.challenge !== null)
    return { ...grant, code: { ...grant.code, challenge: sha256(standIn) } };
  return grant;
}

/** What was allowed then, less what would not have been: what the token was for tells it. */
function standingFor(whatIf: WhatIf, { accessToken, grant }: Issued["data"]) {
  const scope = scopeUnder(whatIf, accessToken.scope);
  return { client: scope, user: grant.userId === null ? null : scope, audience: accessToken.audience };
}

/** The command that led to an event, as it would have come under the other policy. */
export function commandAgain(whatIf: WhatIf, event: GrantDecided, state: GrantState): GrantCommand {
  if (event.type === "grant.authorized") {
    const { code, ...grant } = grantUnder(whatIf, event.data.grant) as typeof event.data.grant;
    return { type: "authorize", terms: termsOf({ ...grant, code }), code };
  }
  const { accessToken, grant } = event.data;
  const common = {
    clientId: grant.clientId,
    audience: accessToken.audience,
    standing: standingFor(whatIf, event.data),
    policy: policyFor(whatIf, event.data),
    now: accessToken.issuedAt,
  };
  if (event.type === "grant.client_credentials.issued")
    return {
      type: "issue_client_credentials",
      terms: termsOf(grantUnder(whatIf, grant)),
      now: accessToken.issuedAt,
    };
  if (event.type === "grant.code.redeemed") {
    const code = state?.status === "pending" ? state.code : undefined;
    return {
      ...common,
      type: "redeem_code",
      presented: {
        hash: code?.hash ?? "",
        issuedBy:
          state?.status === "pending" ? { type: "grant.authorized", data: { grant: state } } : undefined,
      },
      redirectUri: code?.redirectUri,
      codeVerifier: code?.challenge === null ? undefined : standIn,
      refreshTokenHash: grant.refreshToken?.hash ?? null,
    };
  }
  const spent = grant.spent ?? { revision: -1, nonce: "", keyVersion: 0 };
  const issued = { revision: spent.revision, hash: standIn, issuedAt: 0, expiresAt: 0 };
  return {
    ...common,
    type: "refresh",
    presented: {
      hash: standIn,
      revision: spent.revision,
      issuedBy: {
        type: "grant.refresh_token.rotated",
        data: { accessToken, grant: { ...grant, refreshToken: issued } },
      },
    },
    scope: undefined,
    successor: {
      hash: grant.refreshToken?.hash ?? "",
      nonce: spent.nonce,
      keyVersion: spent.keyVersion,
    },
  };
}
