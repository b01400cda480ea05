import type { Client } from "../../domain/client/client.ts";
import type { Grant } from "../../domain/grant/grant.ts";
import { scopeNow } from "../../domain/grant/issue.ts";
import { constantTimeEqual, sha256 } from "../../domain/oauth/hash.ts";
import { formatScope } from "../../domain/oauth/scope.ts";
import { parseRefreshToken, type RefreshTokenParts } from "../../domain/oauth/token-forms.ts";
import type { Resource } from "../../domain/resource/resource.ts";
import type { User } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { type Ref, ref } from "../documents.ts";
import type { SessionStanding } from "../projections/sessions.ts";
import { livesBy, userAndSessionRefs } from "./standing.ts";
import {
  documentsOfAccessToken,
  type PresentedToken,
  presentedAccessToken,
  validateAccessToken,
} from "./validate-access-token.ts";

/** Who asks: a protected resource, or a client about its own tokens. */
export type Introspector =
  | { readonly kind: "resource"; readonly resource: Resource }
  | { readonly kind: "client"; readonly client: Client };

/** The introspection response of RFC 7662 §2.2. Times are epoch seconds. */
export type IntrospectionResponse =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly scope: string;
      readonly client_id: string;
      readonly sub: string;
      readonly iss: string;
      readonly iat: number;
      readonly exp: number;
      readonly aud?: string | readonly string[];
      readonly jti?: string;
      readonly token_type?: "Bearer";
      readonly auth_time?: number;
      readonly sid?: string;
    };

const inactive = { active: false } as const;

const mayKnow = (asker: Introspector, clientId: string, audience: readonly string[]): boolean =>
  asker.kind === "client" ? asker.client.clientId === clientId : audience.includes(asker.resource.uri);

/** Whether this is the grant as it was before it issued the refresh token of this revision: read models may lag. */
const isOlder = (grant: Grant | undefined, revision: number): boolean =>
  grant?.status === "pending" ||
  (grant?.status === "active" && grant.refreshToken !== null && grant.refreshToken.revision < revision);

async function introspectRefreshToken(
  { documents, clock, policy }: Pick<Context, "documents" | "clock" | "policy">,
  asker: Introspector,
  parts: RefreshTokenParts,
): Promise<IntrospectionResponse> {
  if (asker.kind !== "client") return inactive;
  let [grant] = await documents.load([ref.grant(parts.grantId)]);
  if (isOlder(grant, parts.revision)) [grant] = await documents.fromLog([ref.grant(parts.grantId)]);
  if (grant?.status !== "active" || grant.clientId !== asker.client.clientId) return inactive;
  const current = grant.refreshToken;
  if (!current || current.revision !== parts.revision || current.expiresAt <= clock.now()) return inactive;
  if (!constantTimeEqual(current.hash, sha256(parts.secret))) return inactive;
  const [user, session] = (await documents.load(userAndSessionRefs(grant))) as [
    User | undefined,
    SessionStanding | undefined,
  ];
  if (!livesBy(grant, asker.client, user, session)) return inactive;
  const scope = scopeNow(grant, { client: asker.client.scopes, user: user?.scopes ?? null });
  if (scope.length === 0) return inactive;
  return {
    active: true,
    scope: formatScope(scope),
    client_id: grant.clientId,
    sub: grant.userId ?? grant.clientId,
    iss: policy.issuer,
    iat: Math.floor(current.issuedAt / 1000),
    exp: Math.floor(current.expiresAt / 1000),
  };
}

/** A token that is asked about, as far as it tells itself what it is. */
export interface AskedToken {
  readonly refresh?: RefreshTokenParts | undefined;
  readonly access?: PresentedToken | undefined;
}

/** Reads a token that is asked about. */
export function askedToken(context: Pick<Context, "tokens" | "clock" | "policy">, token: string): AskedToken {
  const refresh = parseRefreshToken(token);
  return refresh ? { refresh } : { access: presentedAccessToken(context, token) };
}

/** The documents that an introspection will need first, so that they and the caller's are one round trip. */
export function documentsOfToken({ refresh, access }: AskedToken): readonly Ref<unknown>[] {
  if (refresh) return [ref.grant(refresh.grantId)];
  return access ? documentsOfAccessToken(access) : [];
}

/**
 * Answers whether a token is good now (RFC 7662). A resource server sees tokens whose audience holds it, a confidential
 * client its own; all else is inactive and says nothing more.
 * @throws {Unavailable} where the truth cannot be established
 */
export async function introspect(
  context: Pick<Context, "documents" | "tokens" | "clock" | "policy">,
  asker: Introspector,
  { refresh, access }: AskedToken,
): Promise<IntrospectionResponse> {
  if (refresh) return await introspectRefreshToken(context, asker, refresh);
  const valid = await validateAccessToken(context, access);
  if (!valid || !mayKnow(asker, valid.claims.client_id, valid.claims.aud)) return inactive;
  const { client_id, sub, iss, iat, exp, aud, jti, auth_time, sid } = valid.claims;
  return {
    active: true,
    scope: formatScope(valid.scope),
    client_id,
    sub,
    iss,
    iat,
    exp,
    aud: aud.length === 1 && aud[0] !== undefined ? aud[0] : aud,
    jti,
    token_type: "Bearer",
    ...(auth_time === undefined ? {} : { auth_time }),
    ...(sid === undefined ? {} : { sid }),
  };
}
