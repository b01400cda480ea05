import type { Client } from "../../domain/client/client.ts";
import type { Decision } from "../../domain/decider.ts";
import type { GrantAnswer, Issued } from "../../domain/grant/commands.ts";
import { type GrantEvent, sign } from "../../domain/grant/grant.ts";
import { sha256 } from "../../domain/oauth/hash.ts";
import { isRefusal, refusal } from "../../domain/oauth/refusal.ts";
import { formatScope } from "../../domain/oauth/scope.ts";
import { formatJti } from "../../domain/oauth/token-forms.ts";
import type { SigningKeys } from "../../domain/signing-key/signing-key.ts";
import type { Context } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { Unavailable } from "../ports/event-store.ts";
import type { AccessTokenClaims } from "../ports/tokens.ts";
import type { Handled } from "./handle.ts";

/** The token response of RFC 6749 §5.1. */
export interface TokenResponse {
  readonly access_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly scope: string;
  readonly refresh_token?: string;
}

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

function claimsOf({ grant, accessToken }: Issued, issuer: string): AccessTokenClaims {
  return {
    iss: issuer,
    sub: grant.userId ?? grant.clientId,
    aud: accessToken.audience,
    client_id: grant.clientId,
    scope: formatScope(accessToken.scope),
    jti: formatJti(grant.grantId, accessToken.revision),
    iat: seconds(accessToken.issuedAt),
    exp: seconds(accessToken.expiresAt),
    auth_time: grant.authenticatedAt === null ? undefined : seconds(grant.authenticatedAt),
    sid: grant.sessionId ?? undefined,
    client_epoch: grant.clientEpoch,
    user_epoch: grant.userEpoch ?? undefined,
  };
}

/** Signs what a grant decided to issue: sign, then append, then answer. One instance serves one command. */
export function createTokenSigner(
  { tokens, policy, clock, visibility }: Pick<Context, "tokens" | "policy" | "clock" | "visibility">,
  client: Client,
  signingKeys: SigningKeys | undefined,
) {
  let accessToken = "";

  async function signed(claims: AccessTokenClaims): Promise<string> {
    if (client.tokenFormat === "opaque") return tokens.seal(claims);
    if (!signingKeys) throw new Unavailable("there are no signing keys yet");
    return await tokens.signJwt(claims, signingKeys.active);
  }

  return {
    /** The last step before the append: the token's hash goes into the event that issues it. */
    async complete({ events, answer }: Decision<GrantEvent, GrantAnswer>): Promise<readonly GrantEvent[]> {
      if (isRefusal(answer) || "done" in answer) return events;
      accessToken = await signed(claimsOf(answer, policy.issuer));
      return events.map((event) => sign(event, sha256(accessToken)));
    },
    /** The answer, as soon as it is visible or a short while has passed. @throws {RefusedError} */
    async answer(
      { answer, position }: Handled<GrantAnswer>,
      refreshToken: (issued: Issued) => string | undefined,
    ): Promise<TokenResponse> {
      if (isRefusal(answer)) {
        // What a refusal recorded ended access, so it must be seen before anybody is told.
        await visibility.wait(position, policy.issuanceVisibilityLimit);
        throw new RefusedError(answer, client.clientId);
      }
      if ("done" in answer) throw new RefusedError(refusal("invalid_grant", "Nothing was issued"));
      await visibility.wait(position, policy.issuanceVisibilityLimit);
      const refresh_token = refreshToken(answer);
      return {
        access_token: accessToken,
        token_type: "Bearer",
        expires_in: seconds(answer.accessToken.expiresAt) - seconds(clock.now()),
        scope: formatScope(answer.accessToken.scope),
        ...(refresh_token === undefined ? {} : { refresh_token }),
      };
    },
  };
}
