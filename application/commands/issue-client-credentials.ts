import type { Client } from "../../domain/client/client.ts";
import type { GrantCommand } from "../../domain/grant/commands.ts";
import { grantDecider } from "../../domain/grant/decide.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import { isSubset, type Scope } from "../../domain/oauth/scope.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { RefusedError } from "../errors.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { audienceFor, defaultScope } from "../queries/client-defaults.ts";
import { streams } from "../streams.ts";
import { createTokenSigner, type TokenResponse } from "./issue-tokens.ts";

export interface ClientCredentialsRequest {
  readonly client: Client;
  readonly scope: Scope | undefined;
  readonly resources: readonly string[] | undefined;
  readonly metadata: EventMetadata;
}

/** An access token for the client itself (RFC 6749 §4.4). @throws {RefusedError} */
export async function issueClientCredentials(
  context: Context,
  { client, scope, resources, metadata }: ClientCredentialsRequest,
): Promise<TokenResponse> {
  const { handle, documents, secrets, clock, policy } = context;
  const granted = scope ?? defaultScope(client);
  if (!isSubset(granted, client.scopes))
    throw new RefusedError(
      refusal("invalid_scope", "The scope exceeds what the client may have"),
      client.clientId,
    );
  if (granted.length === 0)
    throw new RefusedError(refusal("invalid_scope", "The client has no scope by default"), client.clientId);
  const [audience, [signingKeys]] = await Promise.all([
    audienceFor(context, client, resources),
    documents.load([ref.signingKeys()]),
  ]);
  const signer = createTokenSigner(context, client, signingKeys);
  const grantId = secrets.newId();
  const now = clock.now();
  const handled = await handle({
    stream: streams.grant(grantId),
    isNew: true,
    decider: grantDecider,
    metadata,
    complete: signer.complete,
    command: (): GrantCommand => ({
      type: "issue_client_credentials",
      now,
      terms: {
        grantId,
        clientId: client.clientId,
        clientEpoch: client.epoch,
        userId: null,
        userEpoch: null,
        sessionId: null,
        scope: granted,
        audience,
        authenticatedAt: null,
        authorizedAt: now,
        expiresAt: now + policy.grants.accessTokenLifetime,
      },
    }),
  });
  return await signer.answer(handled, () => undefined);
}
