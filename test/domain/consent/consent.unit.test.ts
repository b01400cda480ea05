import { describe, expect, it } from "vitest";
import {
  type Consent,
  type ConsentEvent,
  type ConsentTerms,
  consentDecider,
  covers,
} from "../../../domain/consent/consent.ts";
import { given } from "../../support/given.ts";

const terms: ConsentTerms = {
  redirectUri: "https://app.example/callback",
  audience: ["https://mcp.example", "https://admin.example"],
  scope: ["read"],
};
const pair = { userId: "ada", clientId: "app" };
const consent = (...given: readonly ConsentTerms[]): Consent => ({ ...pair, given });
const givenEvent = (of: ConsentTerms, after: Consent): ConsentEvent => ({
  type: "consent.given",
  data: { terms: of, at: 9, consent: after },
});
const give = (of: ConsentTerms) => ({ type: "give", ...pair, now: 9, terms: of }) as const;
const once = givenEvent(terms, consent(terms));

describe("consent", () => {
  it("is given", () => given(consentDecider).when(give(terms)).then([once], consent(terms)));

  it("to more scope adds to what was given for the same redirect URI and resources", () => {
    const more = { ...terms, audience: terms.audience.toReversed(), scope: ["write", "read"] };
    const after = consent({ ...more, scope: ["read", "write"] });
    given(consentDecider, once)
      .when(give(more))
      .then([givenEvent(more, after)], after);
  });

  it.each([
    ["another redirect URI", { redirectUri: "https://app.example/other" }],
    ["other resources", { audience: ["https://mcp.example"] }],
  ])("to %s stands by itself, the newest last", (_, changes) => {
    const other = { ...terms, ...changes };
    const after = consent(terms, other);
    given(consentDecider, once)
      .when(give(other))
      .then([givenEvent(other, after)], after);
  });

  it("is remembered for 16 targets, the newest (I14)", () => {
    const targets = Array.from({ length: 16 }, (_, index) => ({
      ...terms,
      redirectUri: `https://app.example/${index}`,
    }));
    const after = consent(...targets.slice(1), terms);
    given(consentDecider, givenEvent(terms, consent(...targets)))
      .when(give(terms))
      .then([givenEvent(terms, after)], after);
  });

  it("is withdrawn as a whole", () =>
    given(consentDecider, once)
      .when({ type: "withdraw", ...pair, now: 9 })
      .then([{ type: "consent.withdrawn", data: { at: 9, consent: consent() } }], consent()));

  it("that was never given or is withdrawn already is not withdrawn", () => {
    given(consentDecider)
      .when({ type: "withdraw", ...pair, now: 9 })
      .then([], consent());
    given(consentDecider, { type: "consent.withdrawn", data: { at: 5, consent: consent() } })
      .when({ type: "withdraw", ...pair, now: 9 })
      .then([], consent());
  });

  it.each<[string, Partial<ConsentTerms>, boolean]>([
    ["the same", {}, true],
    ["less scope", { scope: [] }, true],
    ["the same resources in another order", { audience: terms.audience.toReversed() }, true],
    ["more scope", { scope: ["read", "write"] }, false],
    ["fewer resources", { audience: ["https://mcp.example"] }, false],
    ["more resources", { audience: [...terms.audience, "https://else.example"] }, false],
    ["another redirect URI", { redirectUri: "https://app.example/other" }, false],
  ])("to these terms covers %s: %#", (_, changes, expected) =>
    expect(covers(consent(terms), { ...terms, ...changes })).toBe(expected),
  );

  it("to one target does not lend its scope to another", () => {
    const other = { ...terms, redirectUri: "https://app.example/other", scope: ["write"] };
    expect(covers(consent(terms, other), { ...terms, scope: ["read", "write"] })).toBe(false);
    expect(covers(consent(terms, other), other)).toBe(true);
    expect(covers(undefined, terms)).toBe(false);
  });
});
