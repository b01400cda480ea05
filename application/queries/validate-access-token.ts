import type { Client } from "../../domain/client/client.ts";
import type { Grant } from "../../domain/grant/grant.ts";
import { isAccessTokenRevoked } from "../../domain/grant/revoke.ts";
import { constantTimeEqual, sha256 } from "../../domain/oauth/hash.ts";
import { intersectScope, parseScope, type Scope } from "../../domain/oauth/scope.ts";
import { parseJti } from "../../domain/oauth/token-forms.ts";
import type { User } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { type Ref, ref } from "../documents.ts";
import type { AccessTokenClaims } from "../ports/tokens.ts";
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

interface Parsed {
  readonly claims: AccessTokenClaims;
  readonly grantId: string;
  readonly revision: number;
  /** An opaque token is authenticated by its seal. */
  readonly isSealed: boolean;
}

function parse({ tokens, policy, clock }: Dependencies, token: string): Parsed | undefined {
  const opened = tokens.open(token);
  const claims = opened ?? tokens.decodeJwt(token);
  const id = claims && parseJti(claims.jti);
  if (!claims || !id || claims.iss !== policy.issuer || claims.exp * 1000 <= clock.now()) return undefined;
  return { claims, ...id, isSealed: opened !== undefined };
}

async function isSigned({ documents, tokens }: Dependencies, token: string): Promise<boolean> {
  const [keys] = await documents.load([ref.signingKeys()]);
  return keys !== undefined && (await tokens.verifyJwt(token, keys));
}

/** Where the claims say that the token lives: its grant, client, user and session. */
function refsOf({ claims, grantId }: Parsed) {
  const { client_id, sub, sid, auth_time, user_epoch } = claims;
  return {
    grantAndClient: [ref.grant(grantId), ref.client(client_id)] as const,
    user: user_epoch === undefined ? [] : [ref.user(sub)],
    session: sid === undefined ? [] : [ref.session(sub, sid, (auth_time ?? 0) * 1000)],
  };
}

/** The documents that validating this token will need, as far as the token tells; nothing is checked yet. */
export function documentsOfAccessToken(dependencies: Dependencies, token: string): readonly Ref<unknown>[] {
  const parsed = parse(dependencies, token);
  if (!parsed) return [];
  const { grantAndClient, user, session } = refsOf(parsed);
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
  token: string,
): Promise<ValidAccessToken | undefined> {
  const { documents, clock } = dependencies;
  const parsed = parse(dependencies, token);
  if (!parsed) return undefined;
  const { claims, grantId, revision } = parsed;
  const { grantAndClient, user: userRef, session: sessionRef } = refsOf(parsed);
  const refs = [...grantAndClient, ...userRef, ...sessionRef];
  let isAuthentic = parsed.isSealed;
  let loaded = await documents.fromReadModels(refs);
  // A token is issued when its code is redeemed: read models that do not know of that yet say nothing about it.
  if ((loaded?.[0] as Grant | undefined)?.status === "pending") loaded = undefined;
  if (!loaded) {
    isAuthentic ||= await isSigned(dependencies, token);
    if (!isAuthentic) return undefined;
    loaded = await documents.fromLog(refs);
  }
  const [grant, client, user, session] = holdersOf(loaded, userRef.length > 0);
  if (grant?.status !== "active" || grant.clientId !== claims.client_id) return undefined;
  const hash = sha256(token);
  isAuthentic ||= grant.accessTokens.some((known) => constantTimeEqual(known.hash, hash));
  isAuthentic ||= await isSigned(dependencies, token);
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
  const claims = tokens.open(token) ?? tokens.decodeJwt(token);
  return claims?.iss === policy.issuer && claims.exp * 1000 <= clock.now();
}
