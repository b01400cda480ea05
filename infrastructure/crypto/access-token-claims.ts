import { z } from "zod";
import type { AccessTokenClaims } from "../../application/ports/tokens.ts";

const seconds = z.int().nonnegative();
const epoch = z.int().nonnegative();
const audience = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform((value) => (typeof value === "string" ? [value] : value));

const accessTokenClaims = z.object({
  iss: z.string(),
  sub: z.string(),
  aud: audience,
  client_id: z.string(),
  scope: z.string(),
  jti: z.string(),
  iat: seconds,
  exp: seconds,
  /** We issue no token for later. */
  nbf: z.never().optional(),
  auth_time: seconds.optional(),
  sid: z.string().optional(),
  client_epoch: epoch,
  user_epoch: epoch.optional(),
});

/** The claims in the payload of a JWT; undefined where it is not the payload of an access token of ours. */
export const fromJwtPayload = (payload: unknown): AccessTokenClaims | undefined =>
  accessTokenClaims.safeParse(payload).data;

/** The payload of a JWT: a single audience is a plain string (RFC 7519 §4.1.3), what is undefined is left out. */
export function toJwtPayload(claims: AccessTokenClaims): Record<string, unknown> {
  const present = Object.entries(claims).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(present), aud: claims.aud.length === 1 ? claims.aud[0] : claims.aud };
}

/** Version 1 of the text that an opaque token seals: these claims' values in this order, null for an absent one. */
const opaqueVersion = 1;
const opaqueOrder = [
  "iss",
  "sub",
  "aud",
  "client_id",
  "scope",
  "jti",
  "iat",
  "exp",
  "auth_time",
  "sid",
  "client_epoch",
  "user_epoch",
] as const satisfies readonly (keyof AccessTokenClaims)[];

/** The claims as a short text. */
export function toOpaquePayload(claims: AccessTokenClaims): string {
  const payload = toJwtPayload(claims);
  return JSON.stringify([opaqueVersion, ...opaqueOrder.map((name) => payload[name] ?? null)]);
}

/** The claims of such a text; undefined where it has another form. */
export function fromOpaquePayload(text: string): AccessTokenClaims | undefined {
  const [version, ...values]: unknown[] = JSON.parse(text);
  if (version !== opaqueVersion) return undefined;
  const present = opaqueOrder.map((name, i) => [name, values[i]]).filter(([, value]) => value !== null);
  return fromJwtPayload(Object.fromEntries(present));
}
