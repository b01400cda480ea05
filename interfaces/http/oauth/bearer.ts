import type { FastifyRequest } from "fastify";
import type { Context } from "../../../application/context.ts";
import { adminScope } from "../../../application/policy.ts";
import type { AccessTokenClaims } from "../../../application/ports/tokens.ts";
import {
  presentedAccessToken,
  type ValidAccessToken,
  validateAccessToken,
} from "../../../application/queries/validate-access-token.ts";
import { BearerChallenge } from "../errors.ts";
import type { Parameters } from "../parameters.ts";

/** Query and form may hold a token too (RFC 6750 §2.2, §2.3); we take none from there. */
const comesElsewhere = ({ query, body }: FastifyRequest): boolean =>
  [query, body].some((parameters) => (parameters as Parameters | null | undefined)?.access_token);

/**
 * The token of an Authorization header (RFC 6750 §2.1); undefined without one.
 * @param resourceMetadata where the metadata of the protected resource are, for the challenge
 * @throws {BearerChallenge}
 */
export function readBearerToken(
  request: FastifyRequest,
  scope: string,
  resourceMetadata?: string,
): string | undefined {
  const { authorization } = request.headers;
  if (authorization === undefined) return undefined;
  const token = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization)?.[1];
  if (token === undefined)
    throw new BearerChallenge(
      "invalid_request",
      "The Authorization header is malformed",
      scope,
      resourceMetadata,
    );
  if (comesElsewhere(request))
    throw new BearerChallenge(
      "invalid_request",
      "The access token comes in two ways at once",
      scope,
      resourceMetadata,
    );
  return token;
}

/** Who acts by a token: a person, or the client for itself. */
export const actorOf = ({ sub, user_epoch }: AccessTokenClaims): string =>
  user_epoch === undefined ? `client:${sub}` : `user:${sub}`;

/**
 * The administrator who asks: an access token for the issuer itself with the administrative scope (RFC 6750 §3.1).
 * @throws {BearerChallenge}
 */
export async function requireAdministrator(
  context: Context,
  request: FastifyRequest,
): Promise<ValidAccessToken> {
  const token = readBearerToken(request, adminScope);
  if (token === undefined) throw new BearerChallenge(undefined, "An access token is required", adminScope);
  const valid = await validateAccessToken(context, presentedAccessToken(context, token));
  if (!valid?.claims.aud.includes(context.policy.issuer))
    throw new BearerChallenge("invalid_token", "The access token is not valid here", adminScope);
  if (!valid.scope.includes(adminScope))
    throw new BearerChallenge("insufficient_scope", "The administrative scope is required", adminScope);
  return valid;
}
