import { createRemoteJWKSet, errors, jwtVerify } from "jose";

/** What a resource server learns of an access token that is good. Times are epoch seconds. */
export interface AccessToken {
  readonly subject: string;
  readonly clientId: string;
  readonly scope: readonly string[];
  readonly expiresAt: number;
  /** The session that the token is bound to, where it is bound to one. */
  readonly sessionId?: string;
}

/** Answers what an access token says; undefined where it is not good. @throws {ValidationUnavailable} */
export type Validate = (token: string) => Promise<AccessToken | undefined>;

/** Whether a token is good cannot be told now. */
export class ValidationUnavailable extends Error {
  override readonly name = "ValidationUnavailable";
}

/** Seconds by which the clocks of issuer and resource server may differ. */
export const clockLeeway = 5;

/** How long (ms) the authorization server may take. */
const timeLimit = 5_000;

interface Claims {
  readonly iss?: unknown;
  readonly aud?: unknown;
  readonly exp?: unknown;
  readonly nbf?: unknown;
  readonly sub?: unknown;
  readonly client_id?: unknown;
  readonly scope?: unknown;
  readonly sid?: unknown;
}

/** The claims, where they are complete and for this resource now (RFC 9068 §4). */
function accessTokenOf(claims: Claims, issuer: string, resource: string): AccessToken | undefined {
  const { iss, aud, exp, nbf, sub, client_id, scope, sid } = claims;
  const now = Date.now() / 1000;
  if (iss !== issuer || ![aud].flat().includes(resource)) return undefined;
  if (typeof exp !== "number" || exp + clockLeeway <= now) return undefined;
  if (typeof nbf === "number" && nbf - clockLeeway > now) return undefined;
  if (typeof sub !== "string" || typeof client_id !== "string" || typeof scope !== "string") return undefined;
  return {
    subject: sub,
    clientId: client_id,
    scope: scope.split(" ").filter((name) => name !== ""),
    expiresAt: exp,
    ...(typeof sid === "string" ? { sessionId: sid } : {}),
  };
}

/** Credentials of a protected resource, as `dacapo resource create` shows them. */
export interface ResourceCredentials {
  readonly id: string;
  readonly secret: string;
}

/** Asks the issuer for each token (RFC 7662): JWT or opaque, and what was revoked is refused at once. */
export function byIntrospection(
  issuer: string,
  resource: string,
  { id, secret }: ResourceCredentials,
): Validate {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  async function ask(token: string): Promise<Claims & { readonly active: boolean }> {
    const response = await fetch(`${issuer}/auth/introspect`, {
      method: "POST",
      headers: { authorization },
      body: new URLSearchParams({ token }),
      redirect: "error",
      signal: AbortSignal.timeout(timeLimit),
    });
    if (response.status !== 200) throw new Error(`the issuer answered ${response.status}`);
    const answer = (await response.json()) as { readonly active?: unknown } | null;
    if (typeof answer?.active !== "boolean") throw new Error("the issuer answered something else");
    return { ...answer, active: answer.active };
  }

  return async (token) => {
    const claims = await ask(token).catch((cause: unknown) => {
      throw new ValidationUnavailable("the issuer cannot be asked", { cause });
    });
    return claims.active ? accessTokenOf(claims, issuer, resource) : undefined;
  };
}

/** What is wrong with a token itself, and not with the keys or the way to them. */
const faultsOfTokens = [
  errors.JWTInvalid,
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

const asymmetric = ["ES256", "EdDSA", "RS256"];

/** Checks signatures here (RFC 9068 §4): JWT only, no request a token, but a revoked token lives until it expires. */
export function bySignature(issuer: string, resource: string): Validate {
  const keys = createRemoteJWKSet(new URL(`${issuer}/auth/jwks`), { timeoutDuration: timeLimit });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: resource,
        algorithms: asymmetric,
        typ: "at+jwt",
        clockTolerance: clockLeeway,
      });
      return accessTokenOf(payload, issuer, resource);
    } catch (cause) {
      const isOfToken = faultsOfTokens.some((fault) => cause instanceof fault);
      if (isOfToken) return undefined;
      throw new ValidationUnavailable("the keys of the issuer cannot be had", { cause });
    }
  };
}
