import { code, type Flight, policy, terms } from "./world.ts";

/** A refresh token that was handed out and not used yet. */
interface Unspent {
  readonly revision: number;
  readonly expiresAt: number;
}

/** What an onlooker knows of the token family from the answers alone; it never looks into the grant. */
export interface Ledger {
  readonly alive: boolean;
  readonly redeemed: boolean;
  readonly unspent: readonly Unspent[];
  /** The token whose successor is the newest: when it was used, how often its answer was repeated since. */
  readonly lastSpent:
    | { readonly revision: number; readonly at: number; readonly repeats: number }
    | undefined;
  /** The first refresh token of the family. */
  readonly oldest: number | undefined;
}

/** What must come of a request: new tokens, the same refresh token again, the end of all, or nothing at all. */
export type Expected = "new" | "same" | "end" | "nothing";

/** An expectation and the invariant that it follows from. */
export type Rule = readonly [Expected, Invariant];

export type Invariant = "I2" | "I3" | "I4" | "I5" | "I6" | "I7";

function redeeming(ledger: Ledger, clientId: string, verifier: "right" | "wrong", now: number): Rule {
  if (clientId !== terms.clientId || verifier === "wrong") return ["nothing", "I2"];
  if (!ledger.alive) return ["nothing", "I5"];
  if (ledger.redeemed) return ["end", "I2"];
  return now < code.expiresAt ? ["new", "I2"] : ["nothing", "I6"];
}

function refreshing(ledger: Ledger, token: number, isWider: boolean, now: number): Rule {
  const { unspent, lastSpent } = ledger;
  const isUnspent = unspent.some(({ revision }) => revision === token);
  const isRepeat = lastSpent?.revision === token && now - lastSpent.at <= policy.graceWindow;
  if (!isUnspent && !isRepeat) return ["end", "I4"];
  if (isRepeat && lastSpent.repeats >= policy.maxRepeats) return ["nothing", "I4"];
  if (unspent.every(({ expiresAt }) => expiresAt <= now)) return ["nothing", "I6"];
  if (isWider) return ["nothing", "I7"];
  return isUnspent ? ["new", "I3"] : ["same", "I4"];
}

/** What the invariants ask for where this request is decided on what was known then. */
export function ruleFor({ request, now }: Flight, clientId: string, ledger: Ledger): Rule {
  if (request.kind === "redeem") return redeeming(ledger, clientId, request.verifier, now);
  if (request.forged || clientId !== terms.clientId) return ["nothing", "I4"];
  if (!ledger.alive) return ["nothing", "I5"];
  if (request.kind === "revoke") return ["end", "I5"];
  const isWider = request.scope?.some((token) => !terms.scope.includes(token)) ?? false;
  return refreshing(ledger, request.token, isWider, now);
}

/** What is known after a request was answered; `revision` is that of the event that issued tokens. */
export function settle(ledger: Ledger, { request, now }: Flight, came: Expected, revision: number): Ledger {
  if (came === "end") return { ...ledger, alive: false };
  if (came === "same")
    return {
      ...ledger,
      lastSpent: ledger.lastSpent && { ...ledger.lastSpent, repeats: ledger.lastSpent.repeats + 1 },
    };
  if (came === "nothing") return ledger;
  const issued = { revision, expiresAt: Math.min(now + policy.refreshTokenLifetime, terms.expiresAt) };
  if (request.kind !== "refresh")
    return { ...ledger, redeemed: true, unspent: [...ledger.unspent, issued], oldest: revision };
  return {
    ...ledger,
    unspent: [...ledger.unspent.filter((token) => token.revision !== request.token), issued],
    lastSpent: { revision: request.token, at: now, repeats: 0 },
  };
}
