import type { GrantAnswer, GrantCommand, GrantPolicy } from "../../../domain/grant/commands.ts";
import type { GrantEvent, GrantTerms } from "../../../domain/grant/grant.ts";
import { sha256 } from "../../../domain/oauth/hash.ts";
import type { Scope } from "../../../domain/oauth/scope.ts";
import type { Ledger } from "./ledger.ts";

/** The legitimate client, one that stole its tokens and knows its client id, and another registered client. */
export type Actor = "app" | "thief" | "other";

/** What one asks for; a token is named by the revision that issued it. */
export type Request =
  | { readonly kind: "redeem"; readonly verifier: "right" | "wrong" }
  | {
      readonly kind: "refresh";
      readonly token: number;
      readonly forged: boolean;
      readonly scope: Scope | undefined;
    }
  | { readonly kind: "revoke"; readonly token: number; readonly forged: boolean };

/** A request under way: it has loaded the stream, and may find at its append that somebody was faster. */
export interface Flight {
  readonly request: Request;
  readonly now: number;
  readonly userScope: Scope;
  /** How many events it has loaded. */
  readonly loaded: number;
  /** What was known of the family at that moment. */
  readonly ledger: Ledger;
}

/** One moment: the grant's stream, the time, what the user may do, the requests under way. */
export interface World {
  readonly log: readonly GrantEvent[];
  readonly ledger: Ledger;
  readonly now: number;
  readonly userScope: Scope;
  readonly flights: Readonly<Partial<Record<Actor, Flight>>>;
}

export const policy: GrantPolicy = {
  accessTokenLifetime: 40,
  refreshTokenLifetime: 100,
  graceWindow: 10,
  maxRepeats: 2,
};

export const terms: GrantTerms = {
  grantId: "g",
  clientId: "app",
  clientEpoch: 0,
  userId: "ada",
  userEpoch: 0,
  sessionId: null,
  scope: ["read", "write"],
  audience: ["https://mcp.example"],
  authenticatedAt: 0,
  authorizedAt: 0,
  expiresAt: 230,
};

const verifiers = { right: "r".repeat(43), wrong: "w".repeat(43) };

export const code = {
  hash: "code",
  challenge: sha256(verifiers.right),
  redirectUri: "https://app.example/callback",
  expiresAt: 20,
};

/** The thief says that it is the app. */
export const clientIdOf = (actor: Actor): string => (actor === "other" ? "other" : "app");

const tokenHash = (revision: number) => `token-${revision}`;

/** The command of a request on top of what it has loaded. */
export function commandOf(actor: Actor, flight: Flight, log: readonly GrantEvent[]): GrantCommand {
  const { request, now, userScope, loaded } = flight;
  const clientId = clientIdOf(actor);
  const standing = { client: ["read", "write", "admin"], user: userScope, audience: terms.audience };
  if (request.kind === "redeem")
    return {
      type: "redeem_code",
      presented: { hash: code.hash, issuedBy: log[0] },
      clientId,
      redirectUri: code.redirectUri,
      codeVerifier: verifiers[request.verifier],
      audience: undefined,
      standing,
      refreshTokenHash: tokenHash(loaded),
      policy,
      now,
    };
  const presented = {
    hash: request.forged ? "forged" : tokenHash(request.token),
    revision: request.token,
    issuedBy: log[request.token],
  };
  if (request.kind === "revoke")
    return { type: "revoke", clientId, presented, reason: "client_request", now };
  return {
    type: "refresh",
    presented,
    clientId,
    scope: request.scope,
    audience: undefined,
    standing,
    successor: { hash: tokenHash(loaded), nonce: "nonce", keyVersion: 1 },
    policy,
    now,
  };
}

/** What came of a request in the end. */
export interface Outcome {
  readonly answer: GrantAnswer;
  readonly events: readonly GrantEvent[];
  /** The log after it. */
  readonly log: readonly GrantEvent[];
}

export const beginning: World = {
  log: [{ type: "grant.authorized", data: { grant: { status: "pending", ...terms, code } } }],
  ledger: { alive: true, redeemed: false, unspent: [], lastSpent: undefined, oldest: undefined },
  now: 0,
  userScope: ["read", "write", "admin"],
  flights: {},
};
