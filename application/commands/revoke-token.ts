import type { Client } from "../../domain/client/client.ts";
import type { GrantCommand } from "../../domain/grant/commands.ts";
import { grantDecider } from "../../domain/grant/decide.ts";
import type { GrantEvent } from "../../domain/grant/grant.ts";
import { constantTimeEqual, sha256 } from "../../domain/oauth/hash.ts";
import { parseJti, parseRefreshToken } from "../../domain/oauth/token-forms.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import type { StreamEnd } from "../log.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { confirmed } from "./confirm.ts";

export interface RevocationRequest {
  readonly client: Client;
  readonly token: string;
  readonly metadata: EventMetadata;
}

async function revokeOn(
  context: Context,
  grantId: string,
  metadata: EventMetadata,
  command: (end: StreamEnd) => Promise<GrantCommand>,
): Promise<void> {
  await confirmed(context, {
    stream: streams.grant(grantId),
    decider: grantDecider,
    command: (_grant, end) => command(end),
    metadata,
  });
}

/** The claims of an access token that we issued; what it says is proven by its seal, its known hash or its signature. */
async function issuedAccessToken({ documents, tokens }: Context, token: string) {
  const read = tokens.read(token);
  const id = read && parseJti(read.claims.jti);
  if (!read || !id) return undefined;
  if (read.isSealed) return id;
  const [grant, keys] = await documents.load([ref.grant(id.grantId), ref.signingKeys()]);
  const isKnown =
    grant?.status === "active" &&
    grant.accessTokens.some((known) => constantTimeEqual(known.hash, read.hash));
  return isKnown || (keys && (await tokens.verifyJwt(token, keys))) ? id : undefined;
}

/**
 * Revokes a token (RFC 7009): an access token alone, a refresh token with its whole family. Returns only when no
 * validation that starts later can succeed; an unknown token is no error.
 * @throws {RefusedError} where the token is another client's @throws {Unavailable} where the end is not visible in time
 */
export async function revokeToken(context: Context, request: RevocationRequest): Promise<void> {
  const { log, clock } = context;
  const { clientId } = request.client;
  const refresh = parseRefreshToken(request.token);
  if (refresh) {
    const stream = streams.grant(refresh.grantId);
    return await revokeOn(context, refresh.grantId, request.metadata, async (end) => ({
      type: "revoke",
      clientId,
      presented: {
        hash: sha256(refresh.secret),
        issuedBy: (await log.at(stream, refresh.revision, end)) as GrantEvent | undefined,
      },
      reason: "client_request",
      now: clock.now(),
    }));
  }
  const access = await issuedAccessToken(context, request.token);
  if (!access) return;
  await revokeOn(context, access.grantId, request.metadata, async () => ({
    type: "revoke_access_token",
    clientId,
    tokenRevision: access.revision,
    now: clock.now(),
  }));
}
