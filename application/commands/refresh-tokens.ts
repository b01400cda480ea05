import type { Client } from "../../domain/client/client.ts";
import type { GrantCommand } from "../../domain/grant/commands.ts";
import { grantDecider } from "../../domain/grant/decide.ts";
import type { GrantEvent } from "../../domain/grant/grant.ts";
import { sha256 } from "../../domain/oauth/hash.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import type { Scope } from "../../domain/oauth/scope.ts";
import { formatRefreshToken, parseRefreshToken } from "../../domain/oauth/token-forms.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { RefusedError } from "../errors.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import type { Secrets } from "../ports/secrets.ts";
import { standingNow } from "../queries/standing.ts";
import { streams } from "../streams.ts";
import { createTokenSigner, type TokenResponse } from "./issue-tokens.ts";

export interface RefreshRequest {
  readonly client: Client;
  readonly refreshToken: string;
  readonly scope: Scope | undefined;
  readonly resources: readonly string[] | undefined;
  readonly metadata: EventMetadata;
}

/**
 * The secret of the successor: whoever holds the predecessor and the log's nonce and key can derive it again, so that
 * an answer that was lost can be given once more; neither key and old token nor the log alone suffice.
 */
const successorSecret = (secrets: Secrets, predecessor: string, nonce: string, keyVersion?: number) =>
  secrets.mac("refresh_token", `${predecessor}\n${nonce}`, keyVersion);

/** Rotates a refresh token (RFC 6749 §6, RFC 9700 §4.14.2). @throws {RefusedError} */
export async function refreshTokens(context: Context, request: RefreshRequest): Promise<TokenResponse> {
  const { log, handle, documents, secrets, clock, policy } = context;
  const { client, scope, resources } = request;
  const refuse = (description: string) =>
    new RefusedError(refusal("invalid_grant", description), client.clientId);
  const parts = parseRefreshToken(request.refreshToken);
  if (!parts) throw refuse("Invalid refresh token");

  const stream = streams.grant(parts.grantId);
  const [signingKeys] = await documents.load([ref.signingKeys()]);
  const signer = createTokenSigner(context, client, signingKeys);
  const nonce = secrets.random();
  const successor = successorSecret(secrets, parts.secret, nonce);
  const handled = await handle({
    stream,
    decider: grantDecider,
    metadata: request.metadata,
    complete: signer.complete,
    async command(grant, end): Promise<GrantCommand> {
      if (!grant) throw refuse("Invalid refresh token");
      const issuedBy = (await log.at(stream, parts.revision, end)) as GrantEvent | undefined;
      const standing = await standingNow(context, grant, client);
      return {
        type: "refresh",
        presented: { hash: sha256(parts.secret), revision: parts.revision, issuedBy },
        clientId: client.clientId,
        scope,
        audience: resources,
        standing,
        successor: { hash: sha256(successor.value), nonce, keyVersion: successor.keyVersion },
        policy: policy.grants,
        now: clock.now(),
      };
    },
  });
  return await signer.answer(handled, ({ grant, refreshToken }) => {
    if (!grant.refreshToken || !grant.spent) return undefined;
    const { nonce: usedNonce, keyVersion } = grant.spent;
    const { value } =
      refreshToken === "successor"
        ? successor
        : successorSecret(secrets, parts.secret, usedNonce, keyVersion);
    return formatRefreshToken({
      grantId: grant.grantId,
      revision: grant.refreshToken.revision,
      secret: value,
    });
  });
}
