import type { Client } from "../../domain/client/client.ts";
import type { Grant } from "../../domain/grant/grant.ts";
import { isAccessTokenRevoked } from "../../domain/grant/revoke.ts";
import { constantTimeEqual } from "../../domain/oauth/hash.ts";
import { intersectScope, parseScope, type Scope } from "../../domain/oauth/scope.ts";
import { parseJti } from "../../domain/oauth/token-forms.ts";
import type { User } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { type Ref, ref } from "../documents.ts";
import type { AccessTokenClaims, ReadToken } from "../ports/tokens.ts";
import type { SessionStanding } from "../projections/sessions.ts";
import { livesBy } from "./standing.ts";

/** An access token that is good now. */
export interface ValidAccessToken {
  readonly claims: AccessTokenClaims;
  readonly grantId: string;
  /** Of the event that issued it. */
  readonly revision: number;
  /** What of the token's scope client and user still have. */
  readonly scope: Scope;
}

type Dependencies = Pick<Context, "documents" | "tokens" | "clock" | "policy">;

/** A token that says of itself that it is one of ours and not past its end; nothing else is known of it. */
export interface PresentedToken extends ReadToken {
  readonly token: string;
  readonly grantId: string;
  readonly revision: number;
}

/** Reads an access token; undefined where it does not even look like one that could be good. */
export function presentedAccessToken(
  { tokens, policy, clock }: Pick<Dependencies, "tokens" | "policy" | "clock">,
  token: string,
): PresentedToken | undefined {
  const read = tokens.read(token);
  const id = read && parseJti(read.claims.jti);
  if (!read || !id || read.claims.iss !== policy.issuer || read.claims.exp * 1000 <= clock.now())
    return undefined;
  return { ...read, ...id, token };
}

async function isSigned({ documents, tokens }: Dependencies, { token }: PresentedToken): Promise<boolean> {
  const [keys] = await documents.load([ref.signingKeys()]);
  return keys !== undefined && (await tokens.verifyJwt(token, keys));
}

/** Where the claims say that the token lives: its grant, client, user and session. */
function refsOf({ claims, grantId }: PresentedToken) {
  const { client_id, sub, sid, auth_time, user_epoch } = claims;
  return {
    grantAndClient: [ref.grant(grantId), ref.client(client_id)] as const,
    user: user_epoch === undefined ? [] : [ref.user(sub)],
    session: sid === undefined ? [] : [ref.session(sub, sid, (auth_time ?? 0) * 1000)],
  };
}

/** The documents that validating this token will need, as far as the token tells. */
export function documentsOfAccessToken(presented: PresentedToken): readonly Ref<unknown>[] {
  const { grantAndClient, user, session } = refsOf(presented);
  return [...grantAndClient, ...user, ...session];
}

type Holders = readonly [
  Grant | undefined,
  Client | undefined,
  User | undefined,
  SessionStanding | undefined,
];

/** Puts the documents, loaded in the order grant, client, user?, session?, into their places. */
function holdersOf(loaded: readonly unknown[], hasUser: boolean): Holders {
  const [grant, client, third, fourth] = loaded;
  return [grant, client, ...(hasUser ? [third, fourth] : [undefined, third])] as unknown as Holders;
}

/**
 * The token, where it is good now: known, not expired, not revoked, and all that it lives by alive (RFC 7662 §4). In
 * the usual case one round trip to the read models and one hash; where they cannot be believed, the signature or seal
 * is checked first and the answer comes from the log.
 * @throws {Unavailable} where the truth cannot be established
 */
export async function validateAccessToken(
  dependencies: Dependencies,
  presented: PresentedToken | undefined,
): Promise<ValidAccessToken | undefined> {
  if (!presented) return undefined;
  const { documents, clock } = dependencies;
  const { claims, grantId, revision, hash, isSealed } = presented;
  const { grantAndClient, user: userRef, session: sessionRef } = refsOf(presented);
  const refs = [...grantAndClient, ...userRef, ...sessionRef];
  let isAuthentic = isSealed;
  let loaded = await documents.fromReadModels(refs);
  // A token is issued when its code is redeemed: read models that do not know of that yet say nothing about it.
  if ((loaded?.[0] as Grant | undefined)?.status === "pending") loaded = undefined;
  if (!loaded) {
    isAuthentic ||= await isSigned(dependencies, presented);
    if (!isAuthentic) return undefined;
    loaded = await documents.fromLog(refs);
  }
  const [grant, client, user, session] = holdersOf(loaded, userRef.length > 0);
  if (grant?.status !== "active" || grant.clientId !== claims.client_id) return undefined;
  isAuthentic ||= grant.accessTokens.some((known) => constantTimeEqual(known.hash, hash));
  isAuthentic ||= await isSigned(dependencies, presented);
  if (!isAuthentic || isAccessTokenRevoked(grant, revision)) return undefined;
  if (grant.expiresAt <= clock.now() || !livesBy(grant, client, user, session)) return undefined;
  const scope = intersectScope(
    parseScope(claims.scope) ?? [],
    client?.scopes ?? [],
    user?.scopes ?? grant.scope,
  );
  return scope.length === 0 ? undefined : { claims, grantId, revision, scope };
}

/** Whether this is a token of ours by its looks that is past its end; nothing else of it is checked. */
export function looksExpired({ tokens, policy, clock }: Dependencies, token: string): boolean {
  const claims = tokens.read(token)?.claims;
  return claims?.iss === policy.issuer && claims.exp * 1000 <= clock.now();
}
