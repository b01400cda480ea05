import { type ConsentTerms, consentDecider, covers } from "../../domain/consent/consent.ts";
import type { GrantCommand } from "../../domain/grant/commands.ts";
import { grantDecider } from "../../domain/grant/decide.ts";
import { sha256 } from "../../domain/oauth/hash.ts";
import { isHttpsRedirect } from "../../domain/oauth/redirect-uri.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import { intersectScope, type Scope } from "../../domain/oauth/scope.ts";
import { formatCode } from "../../domain/oauth/token-forms.ts";
import type { Session } from "../../domain/session/session.ts";
import type { User } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { RefusedError } from "../errors.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import type { AuthorizationRequest } from "../queries/authorization-request.ts";
import { streams } from "../streams.ts";

/** Who is signed in. */
export interface SignedIn {
  readonly user: User;
  readonly session: Session;
}

/** What the person is asked for: the request's scope as far as that person has it. @throws {RefusedError} invalid_scope */
export function offeredScope({ scope, client }: AuthorizationRequest, user: User): Scope {
  const offered = intersectScope(scope, user.scopes);
  if (offered.length === 0)
    throw new RefusedError(
      refusal("invalid_scope", "The user may grant none of these scopes"),
      client.clientId,
    );
  return offered;
}

const termsOf = (request: AuthorizationRequest, scope: Scope): ConsentTerms => ({
  redirectUri: request.redirectUri,
  audience: request.audience,
  scope,
});

/**
 * Whether the person need not be asked again: the same was agreed to before, and the redirect proves whose client it
 * is. Loopback and private-scheme redirects of public clients are anybody's, so they always ask (RFC 8252 §8.6).
 */
export async function isConsentRemembered(
  { documents }: Pick<Context, "documents">,
  request: AuthorizationRequest,
  { user }: SignedIn,
): Promise<boolean> {
  const { client, redirectUri, prompts } = request;
  if (prompts.includes("consent")) return false;
  if (client.type === "public" && !isHttpsRedirect(redirectUri)) return false;
  const [consent] = await documents.load([ref.consent(user.userId, client.clientId)]);
  return covers(consent, termsOf(request, offeredScope(request, user)));
}

/** Records that the person agreed. */
export async function giveConsent(
  { handle, clock }: Context,
  request: AuthorizationRequest,
  { user }: SignedIn,
  metadata: EventMetadata,
): Promise<void> {
  const { userId } = user;
  const { clientId } = request.client;
  const terms = termsOf(request, offeredScope(request, user));
  await handle({
    stream: streams.consent(userId, clientId),
    decider: consentDecider,
    command: () => ({ type: "give" as const, userId, clientId, terms, now: clock.now() }),
    metadata,
  });
}

/** Starts a grant and answers with its authorization code (RFC 6749 §4.1.2). */
export async function authorize(
  { handle, secrets, clock, policy }: Context,
  request: AuthorizationRequest,
  { user, session }: SignedIn,
  metadata: EventMetadata,
): Promise<string> {
  const grantId = secrets.newId();
  const secret = secrets.random();
  const now = clock.now();
  await handle({
    stream: streams.grant(grantId),
    isNew: true,
    decider: grantDecider,
    metadata,
    command: (): GrantCommand => ({
      type: "authorize",
      terms: {
        grantId,
        clientId: request.client.clientId,
        clientEpoch: request.client.epoch,
        userId: user.userId,
        userEpoch: user.epoch,
        sessionId: policy.sessions.bindTokens ? session.sessionId : null,
        scope: offeredScope(request, user),
        audience: request.audience,
        authenticatedAt: session.authenticatedAt,
        authorizedAt: now,
        expiresAt: now + policy.grants.grantLifetime,
      },
      code: {
        hash: sha256(secret),
        challenge: request.challenge,
        redirectUri: request.redirectUri,
        expiresAt: now + policy.grants.codeLifetime,
      },
    }),
  });
  return formatCode(grantId, secret);
}
