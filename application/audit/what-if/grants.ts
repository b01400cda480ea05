import type { GrantAnswer } from "../../../domain/grant/commands.ts";
import { grantDecider } from "../../../domain/grant/decide.ts";
import type { GrantEvent } from "../../../domain/grant/grant.ts";
import { isRefusal } from "../../../domain/oauth/refusal.ts";
import { commandAgain, type GrantDecided, stateAfter } from "./commands.ts";
import { accessTokenUntil, grantUnder, scopeUnder, type WhatIf } from "./policy.ts";

/** What would have been decided. */
export interface GrantVerdict {
  /** Why it would have been refused; undefined where it would have been decided as it was. */
  readonly rule: string | undefined;
  /** Whether the refusal would have ended the grant, and with it all that it had issued. */
  readonly endsGrant: boolean;
  /** Whether less would have been granted than was. */
  readonly isNarrowed: boolean;
  /** Whether the access token would have lived shorter. */
  readonly isShorter: boolean;
  /** Whether this refresh came after the access token before it would have died, and before it did. */
  readonly isLateRefresh: boolean;
}

const refusedFor = (rule: string, endsGrant = false): GrantVerdict => ({
  rule,
  endsGrant,
  isNarrowed: false,
  isShorter: false,
  isLateRefresh: false,
});

/** Whether the token of the event before would have died before this refresh, and in truth had not. */
function isLate(whatIf: WhatIf, before: GrantEvent | undefined, now: number): boolean {
  const grant = before?.data.grant;
  const known = grant?.status === "active" ? grant.accessTokens.at(-1) : undefined;
  if (!before || !grant || !known) return false;
  const issuedAt =
    "accessToken" in before.data
      ? before.data.accessToken.issuedAt
      : (grant.status === "active" && grant.refreshToken?.issuedAt) || known.expiresAt;
  const { expiresAt } = known;
  const end = accessTokenUntil(whatIf, { issuedAt, expiresAt }, grantUnder(whatIf, grant).expiresAt);
  return end <= now && now < expiresAt;
}

/** The scope that the event gave. */
const scopeOf = ({ data }: GrantDecided) =>
  "accessToken" in data ? data.accessToken.scope : data.grant.scope;

function accepted(
  whatIf: WhatIf,
  event: GrantDecided,
  before: GrantEvent | undefined,
  answer: Exclude<GrantAnswer, { readonly refused: true }>,
): GrantVerdict {
  const isNarrowed = scopeUnder(whatIf, scopeOf(event)).length < scopeOf(event).length;
  if (!("accessToken" in event.data) || !("accessToken" in answer))
    return { rule: undefined, endsGrant: false, isNarrowed, isShorter: false, isLateRefresh: false };
  const { issuedAt, expiresAt } = event.data.accessToken;
  const isRefresh =
    event.type === "grant.refresh_token.rotated" || event.type === "grant.refresh_token.repeated";
  return {
    rule: undefined,
    endsGrant: false,
    isNarrowed,
    isShorter: answer.accessToken.expiresAt < expiresAt,
    isLateRefresh: isRefresh && isLate(whatIf, before, issuedAt),
  };
}

/** Whether the event begins a grant, and so asks for scope. */
const isBeginning = ({ type }: GrantDecided): boolean =>
  type === "grant.authorized" || type === "grant.client_credentials.issued";

/**
 * Decides again what an event of a grant tells, by the grants' own decider, on the state that the event before it left
 * behind, derived anew under the other policy.
 * @param before undefined where the event is the first of its stream
 */
export function decideGrantAgain(
  whatIf: WhatIf,
  event: GrantDecided,
  before: GrantEvent | undefined,
): GrantVerdict {
  if (isBeginning(event) && scopeUnder(whatIf, scopeOf(event)).length === 0)
    return refusedFor("No scope that was granted is left");
  const state = stateAfter(whatIf, before);
  const revision = "accessToken" in event.data ? event.data.accessToken.revision - 1 : -1;
  const { answer, events } = grantDecider.decide(commandAgain(whatIf, event, state), state, revision);
  const endsGrant = events.some(({ type }) => type === "grant.revoked");
  return isRefusal(answer)
    ? refusedFor(answer.description, endsGrant)
    : accepted(whatIf, event, before, answer);
}

/** Whether an event tells of a decision that can be made again. */
export const isGrantDecided = (event: GrantEvent): event is GrantDecided =>
  event.type === "grant.authorized" || "accessToken" in event.data;

/** The client of a grant may not act where public clients are not allowed; a code needs PKCE where that is required. */
export function ruleOfClient(
  { allowPublicClients, requirePkce }: WhatIf,
  event: GrantDecided,
  isPublic: boolean,
): string | undefined {
  if (allowPublicClients === false && isPublic) return "Public clients are not allowed";
  const isBare = event.type === "grant.authorized" && event.data.grant.code.challenge === null;
  return requirePkce === true && isBare ? "PKCE is required" : undefined;
}
