import { accept, type Decider, type DomainEvent } from "../decider.ts";
import { isSubset, type Scope } from "../oauth/scope.ts";

/** What a person agreed to: these scopes for these resources, delivered to this redirect URI. */
export interface ConsentTerms {
  readonly redirectUri: string;
  readonly audience: readonly string[];
  readonly scope: Scope;
}

/** What one user agreed to for one client, the newest last. */
export interface Consent {
  readonly userId: string;
  readonly clientId: string;
  readonly given: readonly ConsentTerms[];
}

export type ConsentEvent =
  | DomainEvent<"consent.given", { terms: ConsentTerms; at: number; consent: Consent }>
  | DomainEvent<"consent.withdrawn", { at: number; consent: Consent }>;

interface Pair {
  readonly userId: string;
  readonly clientId: string;
  readonly now: number;
}

export type ConsentCommand =
  | (Pair & { readonly type: "give"; readonly terms: ConsentTerms })
  | (Pair & { readonly type: "withdraw" });

const maxRemembered = 16;

const sameTarget = (a: ConsentTerms, b: ConsentTerms): boolean =>
  a.redirectUri === b.redirectUri && isSubset(a.audience, b.audience) && isSubset(b.audience, a.audience);

/** Whether a consent given before covers this request: same redirect URI and resources, no scope beyond. */
export const covers = (consent: Consent | undefined, asked: ConsentTerms): boolean =>
  consent?.given.some((terms) => sameTarget(terms, asked) && isSubset(asked.scope, terms.scope)) ?? false;

/** The rules of one person's consent to one client. */
export const consentDecider: Decider<Consent | undefined, ConsentCommand, ConsentEvent, Consent> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.consent,
  decide(command, consent) {
    const { userId, clientId, now } = command;
    const before = consent ?? { userId, clientId, given: [] };
    if (command.type === "withdraw") {
      const withdrawn = { ...before, given: [] };
      if (before.given.length === 0) return accept([], withdrawn);
      return accept([{ type: "consent.withdrawn", data: { at: now, consent: withdrawn } }], withdrawn);
    }
    const { terms } = command;
    const earlier = before.given.find((other) => sameTarget(other, terms));
    const merged = { ...terms, scope: [...new Set([...(earlier?.scope ?? []), ...terms.scope])] };
    const others = before.given.filter((other) => other !== earlier);
    const given = { ...before, given: [...others, merged].slice(-maxRemembered) };
    return accept([{ type: "consent.given", data: { terms, at: now, consent: given } }], given);
  },
};
