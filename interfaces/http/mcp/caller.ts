import type { FastifyRequest } from "fastify";
import type { Context } from "../../../application/context.ts";
import { mcpResource } from "../../../application/policy.ts";
import {
  looksExpired,
  presentedAccessToken,
  type ValidAccessToken,
  validateAccessToken,
} from "../../../application/queries/validate-access-token.ts";
import { normaliseResource } from "../../../domain/oauth/resource-indicator.ts";
import { formatScope, type Scope } from "../../../domain/oauth/scope.ts";
import { BearerChallenge, ForeignOrigin } from "../errors.ts";
import { readBearerToken } from "../oauth/bearer.ts";

/** Where its metadata are: the well-known name comes before the path (RFC 9728 §3.1). */
export function resourceMetadataUrl(issuer: string): string {
  const { origin, pathname } = new URL(mcpResource(issuer));
  return `${origin}/.well-known/oauth-protected-resource${pathname}`;
}

/** Who calls a tool, and what they may. */
export interface Caller {
  /** `user:…` or `client:…`. */
  readonly actor: string;
  readonly scope: Scope;
}

const challenge = (
  { policy }: Pick<Context, "policy">,
  error: "invalid_token" | "insufficient_scope" | undefined,
  description: string,
  scope: string,
): BearerChallenge => new BearerChallenge(error, description, scope, resourceMetadataUrl(policy.issuer));

/**
 * The access token of a request; undefined where there is none.
 * @param scope what the challenge asks for where the token is no good
 * @throws {BearerChallenge} where it is no token for the MCP server that is good now
 */
export async function presentedToken(
  context: Context,
  request: FastifyRequest,
  scope: string,
): Promise<ValidAccessToken | undefined> {
  const token = readBearerToken(request, scope, resourceMetadataUrl(context.policy.issuer));
  if (token === undefined) return undefined;
  const valid = await validateAccessToken(context, presentedAccessToken(context, token));
  const resource = normaliseResource(mcpResource(context.policy.issuer)) ?? "";
  if (valid?.claims.aud.includes(resource)) return valid;
  const why = looksExpired(context, token) ? "Token expired" : "The access token is not valid here";
  throw challenge(context, "invalid_token", why, scope);
}

/** The access token that a request must bring (RFC 6750 §3). @throws {BearerChallenge} */
export async function requireToken(
  context: Context,
  request: FastifyRequest,
  scope: string,
): Promise<ValidAccessToken> {
  const valid = await presentedToken(context, request, scope);
  if (!valid) throw challenge(context, undefined, "An access token is required", scope);
  return valid;
}

/** Refuses a session that is not good, or not good for this token. */
export const badSession = (context: Context): BearerChallenge =>
  challenge(context, "invalid_token", "The MCP session is not open to this request", "read");

/** @throws {BearerChallenge} where the caller's scope lacks what a tool needs (RFC 6750 §3.1) */
export function requireScope(context: Context, { scope }: Caller, needed: string): void {
  if (!scope.includes(needed))
    throw challenge(
      context,
      "insufficient_scope",
      `The access token lacks the scope ${needed}`,
      formatScope([needed]),
    );
}

/** Builds the check that a browser's page may call: one of our own origin, or of the list (MCP, "Security Warning"). */
export function originCheck(issuer: string, origins: readonly string[]): (request: FastifyRequest) => void {
  const allowed = new Set([new URL(issuer).origin, ...origins]);
  return ({ headers: { origin } }) => {
    if (origin !== undefined && !allowed.has(origin)) throw new ForeignOrigin();
  };
}
