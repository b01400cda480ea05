import { isRefusal } from "../../../domain/oauth/refusal.ts";
import { intersectScope, isSubset } from "../../../domain/oauth/scope.ts";
import { type Expected, type Invariant, type Ledger, ruleFor } from "./ledger.ts";
import { type Actor, clientIdOf, type Flight, type Outcome, terms } from "./world.ts";

export interface Violation {
  readonly invariant: Invariant;
  readonly message: string;
}

/** What came of a request, seen from outside. */
export function whatCame({ answer, events }: Outcome): Expected {
  if (!isRefusal(answer) && "accessToken" in answer)
    return answer.refreshToken === "same_successor" ? "same" : "new";
  return events.some(({ type }) => type === "grant.revoked") ? "end" : "nothing";
}

/** I6 and I7 of the access token that was answered. */
function faultOfToken({ answer }: Outcome, { request, userScope }: Flight): Violation | undefined {
  if (isRefusal(answer) || !("accessToken" in answer)) return undefined;
  const { scope, audience, expiresAt } = answer.accessToken;
  const asked = (request.kind === "refresh" && request.scope) || terms.scope;
  if (!isSubset(scope, intersectScope(terms.scope, asked, userScope)))
    return { invariant: "I7", message: `scope ${scope} exceeds what was granted, asked or is still allowed` };
  if (!isSubset(audience, terms.audience))
    return { invariant: "I7", message: `audience ${audience} was not granted` };
  if (expiresAt > terms.expiresAt) return { invariant: "I6", message: "an access token outlives the grant" };
  return undefined;
}

/** I3: the one refresh token that the grant knows is the one that was handed out and not used yet. */
function faultOfChain({ log }: Outcome, after: Ledger): Violation | undefined {
  const grant = log.at(-1)?.data.grant;
  if (!after.alive || grant?.status !== "active") return undefined;
  const unspent = after.unspent.map(({ revision }) => revision);
  return unspent.length === 1 && unspent[0] === grant.refreshToken?.revision
    ? undefined
    : { invariant: "I3", message: `unspent are ${unspent}, the grant knows ${grant.refreshToken?.revision}` };
}

/** Judges one answered request: by what had to come of it, and by what is true afterwards. */
export function judge(
  actor: Actor,
  flight: Flight,
  outcome: Outcome,
  before: Ledger,
  after: Ledger,
): Violation | undefined {
  const [expected, invariant] = ruleFor(flight, clientIdOf(actor), before);
  const came = whatCame(outcome);
  const isEnded = outcome.log.at(-1)?.data.grant.status === "ended";
  if (came !== expected) return { invariant, message: `${expected} had to come of it, ${came} came` };
  if (came === "nothing" && outcome.events.length > 0)
    return { invariant, message: "a refusal left an event behind" };
  if (came === "end" && !isEnded) return { invariant, message: "something outlives the end of the grant" };
  return faultOfToken(outcome, flight) ?? faultOfChain(outcome, after);
}
