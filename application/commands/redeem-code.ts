import type { Client } from "../../domain/client/client.ts";
import type { GrantCommand } from "../../domain/grant/commands.ts";
import { grantDecider } from "../../domain/grant/decide.ts";
import type { GrantEvent } from "../../domain/grant/grant.ts";
import { sha256 } from "../../domain/oauth/hash.ts";
import { isPkceValue } from "../../domain/oauth/pkce.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import { formatRefreshToken, parseCode } from "../../domain/oauth/token-forms.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { RefusedError } from "../errors.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { standingNow } from "../queries/standing.ts";
import { streams } from "../streams.ts";
import { createTokenSigner, type TokenResponse } from "./issue-tokens.ts";

export interface RedeemCodeRequest {
  readonly client: Client;
  readonly code: string;
  readonly redirectUri: string | undefined;
  readonly codeVerifier: string | undefined;
  readonly resources: readonly string[] | undefined;
  readonly metadata: EventMetadata;
}

/** Exchanges an authorization code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5). @throws {RefusedError} */
export async function redeemCode(context: Context, request: RedeemCodeRequest): Promise<TokenResponse> {
  const { log, handle, documents, secrets, clock, policy } = context;
  const { client, redirectUri, codeVerifier, resources } = request;
  const refuse = (description: string) =>
    new RefusedError(refusal("invalid_grant", description), client.clientId);
  const parts = parseCode(request.code);
  if (!parts) throw refuse("Invalid authorization code");
  if (codeVerifier !== undefined && !isPkceValue(codeVerifier))
    throw new RefusedError(refusal("invalid_request", "Invalid code verifier"), client.clientId);

  const stream = streams.grant(parts.grantId);
  const [signingKeys] = await documents.load([ref.signingKeys()]);
  const signer = createTokenSigner(context, client, signingKeys);
  const firstSecret = secrets.random();
  const handled = await handle({
    stream,
    decider: grantDecider,
    metadata: request.metadata,
    complete: signer.complete,
    async command(grant, end): Promise<GrantCommand> {
      if (!grant) throw refuse("Invalid authorization code");
      const issuedBy = (await log.at(stream, 0, end)) as GrantEvent | undefined;
      const standing = await standingNow(context, grant, client);
      return {
        type: "redeem_code",
        presented: { hash: sha256(parts.secret), issuedBy },
        clientId: client.clientId,
        redirectUri,
        codeVerifier,
        audience: resources,
        standing,
        refreshTokenHash: client.grantTypes.includes("refresh_token") ? sha256(firstSecret) : null,
        policy: policy.grants,
        now: clock.now(),
      };
    },
  });
  return await signer.answer(handled, ({ grant, refreshToken }) =>
    refreshToken === "first" && grant.refreshToken
      ? formatRefreshToken({
          grantId: grant.grantId,
          revision: grant.refreshToken.revision,
          secret: firstSecret,
        })
      : undefined,
  );
}
