import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { z } from "zod";
import { authenticateClient } from "../../../application/commands/authenticate-client.ts";
import type { Handle } from "../../../application/commands/handle.ts";
import { issueClientCredentials } from "../../../application/commands/issue-client-credentials.ts";
import type { TokenResponse } from "../../../application/commands/issue-tokens.ts";
import { redeemCode } from "../../../application/commands/redeem-code.ts";
import { refreshTokens } from "../../../application/commands/refresh-tokens.ts";
import type { Context } from "../../../application/context.ts";
import { ref } from "../../../application/documents.ts";
import { RefusedError } from "../../../application/errors.ts";
import type { EventMetadata } from "../../../application/ports/event-store.ts";
import type { Client } from "../../../domain/client/client.ts";
import { refusal } from "../../../domain/oauth/refusal.ts";
import { normaliseResource } from "../../../domain/oauth/resource-indicator.ts";
import { parseScope, type Scope } from "../../../domain/oauth/scope.ts";
import type { ClientFailures } from "../client-failures.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { many, maybe, one, type Parameters, required } from "../parameters.ts";
import { byClientAndAddress } from "../rate-limits.ts";
import { metadataOf } from "../request-metadata.ts";
import { createAdmission } from "./admission.ts";
import { clientForm, readClientCredentials, readForm } from "./client-credentials.ts";

export const tokenForm = clientForm({
  grant_type: one(),
  code: maybe(),
  redirect_uri: maybe(),
  code_verifier: maybe(),
  refresh_token: maybe(),
  scope: maybe(),
  resource: many(),
});

const grantTypes = ["authorization_code", "refresh_token", "client_credentials"] as const;
type GrantType = (typeof grantTypes)[number];

function readScope(scope: string | undefined): Scope | undefined {
  if (scope === undefined) return undefined;
  const parsed = parseScope(scope);
  if (!parsed) throw new RefusedError(refusal("invalid_scope", "The scope is malformed"));
  return parsed;
}

function readResources(resources: readonly string[] | undefined): readonly string[] | undefined {
  return resources?.map((resource) => {
    const normalised = normaliseResource(resource);
    if (normalised === undefined) throw new RefusedError(refusal("invalid_target", "Unknown resource"));
    return normalised;
  });
}

function readGrantType(grantType: string): GrantType {
  const known = grantTypes.find((type) => type === grantType);
  if (!known) throw new RefusedError(refusal("unsupported_grant_type", "The grant type is not supported"));
  return known;
}

/** Issues what an authenticated client asks for. @throws {RefusedError} */
async function issue(
  context: Context,
  form: z.output<typeof tokenForm>,
  grantType: GrantType,
  by: { readonly client: Client; readonly metadata: EventMetadata },
): Promise<TokenResponse> {
  const asked = { ...by, resources: readResources(form.resource) };
  switch (grantType) {
    case "authorization_code":
      return await redeemCode(context, {
        ...asked,
        code: required(form.code, "code"),
        redirectUri: form.redirect_uri,
        codeVerifier: form.code_verifier,
      });
    case "refresh_token":
      return await refreshTokens(context, {
        ...asked,
        refreshToken: required(form.refresh_token, "refresh_token"),
        scope: readScope(form.scope),
      });
    case "client_credentials":
      return await issueClientCredentials(context, { ...asked, scope: readScope(form.scope) });
  }
}

/** POST /auth/token (RFC 6749 §3.2, OAuth 2.1 §3.2). */
export const tokenRoute =
  (dependencies: HttpDependencies, failures: ClientFailures): FastifyPluginAsync =>
  async (app) => {
    const { context } = dependencies;
    const { inTurn, holdingBack } = createAdmission(context.clock, dependencies.logger);

    async function answer(request: FastifyRequest): Promise<TokenResponse> {
      const form = readForm(request, tokenForm);
      const grantType = readGrantType(form.grant_type);
      const credentials = readClientCredentials(request, form, context.assertions);
      const metadata = metadataOf(request, `client:${credentials.clientId}`);
      const hasAssertion = credentials.method === "private_key_jwt";
      // Who asks and what signs: one round trip, but where a client's keys may take long to come.
      const documents = await context.documents.ahead([
        ref.client(credentials.clientId),
        ...(hasAssertion ? [] : [ref.signingKeys()]),
      ]);
      const handle: Handle = (execution) => context.handle({ ...execution, inTurn });
      const known = { ...context, documents, handle };
      const client = await failures.guard(request, () => authenticateClient(known, credentials, metadata));
      if (!client.grantTypes.includes(grantType))
        throw new RefusedError(
          refusal("unauthorized_client", "The client may not use this grant type"),
          client.clientId,
        );
      // Whose assertion was recorded, and so used up, is not turned away.
      const issuing = hasAssertion ? { ...known, handle: context.handle } : known;
      return await issue(issuing, form, grantType, { client, metadata });
    }

    app.post<{ Body: Parameters }>(
      "/auth/token",
      byClientAndAddress(dependencies, { name: "token", max: 120, window: 60 }),
      async (request, reply) =>
        reply
          .headers({ "cache-control": "no-store", pragma: "no-cache" })
          .send(await holdingBack(() => answer(request))),
    );
  };
