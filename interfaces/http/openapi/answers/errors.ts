import { z } from "zod";
import type { ZodOpenApiResponseObject } from "zod-openapi";

const fault = z.union([
  z.strictObject({ detail: z.string(), pointer: z.string().describe("A member of the body (RFC 6901)") }),
  z.strictObject({ detail: z.string(), parameter: z.string().describe("A parameter of the query") }),
  z.strictObject({ detail: z.string(), header: z.string().describe("A header of the request") }),
]);

/** A problem document (RFC 9457). */
export const problem = z
  .strictObject({
    type: z.literal("about:blank"),
    title: z.string(),
    status: z.int().min(400).max(599),
    instance: z.string().describe("`urn:uuid:` and the id of the request, which `x-request-id` has too"),
    errors: z.array(fault).optional().describe("What is wrong with which part of the request"),
  })
  .meta({ id: "Problem" });

/** An error of OAuth (RFC 6749 §5.2). */
export const oauthError = z
  .strictObject({ error: z.string(), error_description: z.string() })
  .meta({ id: "OAuthError" });

const problemOf = (id: string, description: string): ZodOpenApiResponseObject => ({
  id,
  description,
  content: { "application/problem+json": { schema: problem } },
});

const oauthErrorOf = (id: string, description: string): ZodOpenApiResponseObject => ({
  id,
  description,
  content: { "application/json": { schema: oauthError } },
});

/** Problems, each a component of its own. */
export const problems = {
  badRequest: problemOf("BadRequest", "The request is malformed, or a value is not taken"),
  unauthorized: problemOf(
    "Unauthorized",
    "No token, or none that is valid for the issuer (RFC 6750 section 3.1)",
  ),
  forbidden: problemOf("Forbidden", "The token lacks the scope `admin`, or the address may not connect"),
  notFound: problemOf("NotFound", "There is no such thing"),
  conflict: problemOf("Conflict", "What is asked for does not fit what is there now"),
  keyReused: problemOf("KeyReused", "The Idempotency-Key was used for another request, or too long ago"),
  unavailable: problemOf("Unavailable", "The answer cannot be given in time; try again after `Retry-After`"),
};

/** Errors of OAuth, each a component of its own. */
export const oauthErrors = {
  badRequest: oauthErrorOf("OAuthBadRequest", "The request is refused (RFC 6749 section 5.2)"),
  unauthorized: oauthErrorOf("OAuthUnauthorized", "The client or the token is not authenticated"),
  forbidden: oauthErrorOf("OAuthForbidden", "The scope is not enough, or the address may not connect"),
  notFound: oauthErrorOf("OAuthNotFound", "There is no such thing"),
  tooMany: oauthErrorOf("OAuthTooMany", "Too many requests; try again after `Retry-After`"),
  unavailable: oauthErrorOf(
    "OAuthUnavailable",
    "The answer cannot be given in time; try again after `Retry-After`",
  ),
};
