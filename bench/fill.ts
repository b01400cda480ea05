import { pino } from "pino";
import type { Context } from "../application/context.ts";
import { encode } from "../application/events/catalog.ts";
import { normaliseResource } from "../domain/oauth/resource-indicator.ts";
import { formatJti } from "../domain/oauth/token-forms.ts";
import { loadConfig } from "../infrastructure/config/load.ts";
import { compose } from "../interfaces/compose.ts";
import { type Furniture, resourceUri } from "./deployment.ts";

const lifetime = 24 * 3_600_000;
const together = 256;
/** Tokens that are asked about. */
const sample = 10_000;
const scope = ["read", "write"];
const audience = [normaliseResource(resourceUri) ?? resourceUri];
const hash = "A".repeat(43);

/** A grant with its one live access token, as the event that issued it. */
function grantEvent({ secrets }: Context, { client }: Furniture, grantId: string, now: number) {
  const expiresAt = now + lifetime;
  const grant = {
    ...{ status: "active", grantId, clientId: client.id, clientEpoch: 0 },
    ...{ userId: null, userEpoch: null, sessionId: null, scope, audience },
    ...{ authenticatedAt: null, authorizedAt: now, expiresAt, refreshToken: null, spent: null },
    accessTokens: [{ revision: 0, hash, expiresAt }],
    revoked: { revisions: [], throughRevision: -1 },
    lastsUntil: expiresAt,
  };
  const accessToken = { revision: 0, hash, scope, audience, issuedAt: now, expiresAt };
  const event = { type: "grant.client_credentials.issued", data: { accessToken, grant } };
  return encode(event, secrets.newEventId(), { actor: `client:${client.id}`, correlationId: "bench" });
}

/** An opaque token of a grant. */
function sealed({ tokens, policy }: Context, { client }: Furniture, grantId: string, now: number): string {
  return tokens.seal({
    ...{ iss: policy.issuer, sub: client.id, client_id: client.id, client_epoch: 0 },
    ...{ aud: audience, scope: scope.join(" "), jti: formatJti(grantId, 0) },
    ...{ iat: Math.floor(now / 1_000), exp: Math.floor((now + lifetime) / 1_000) },
  });
}

/**
 * Fills log and read models of a deployment that does not run with so many live tokens; answers of ten thousand of them, evenly from
 * all: more than anything remembers.
 */
export async function fillWithTokens(
  configFile: string,
  furniture: Furniture,
  count: number,
): Promise<readonly string[]> {
  await using stack = new AsyncDisposableStack();
  const runtime = await compose(loadConfig({ file: configFile, env: {} }), pino({ level: "error" }));
  stack.defer(runtime.close);
  const { context, store, projector } = runtime;
  const every = Math.max(1, Math.floor(count / sample));
  const now = Date.now();
  const some: string[] = [];
  for (let done = 0; done < count; done += together) {
    const appends = Array.from({ length: Math.min(together, count - done) }, (_, at) => {
      const grantId = context.secrets.newId();
      if ((done + at) % every === 0) some.push(sealed(context, furniture, grantId, now));
      return store.append(`grant-${grantId}`, [grantEvent(context, furniture, grantId, now)], -1);
    });
    await Promise.all(appends);
  }
  await projector.catchUp(await store.lastPosition());
  return some;
}
