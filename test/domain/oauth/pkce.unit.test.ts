import { describe, expect, it } from "vitest";
import { isPkceValue, verifierMatches } from "../../../domain/oauth/pkce.ts";

describe("PKCE", () => {
  it("matches the verifier and challenge of RFC 7636 appendix B", () =>
    expect(
      verifierMatches(
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      ),
    ).toBe(true));

  it.each([
    ["another verifier", "x".repeat(43)],
    ["the challenge itself (the plain method)", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
    ["nothing", ""],
  ])("does not match %s", (_, verifier) =>
    expect(verifierMatches(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")).toBe(false),
  );

  it.each([
    ["43 characters", "a".repeat(43), true],
    ["128 characters", "a".repeat(128), true],
    ["all that is unreserved", `${"a".repeat(40)}-._~Z9`, true],
    ["42 characters", "a".repeat(42), false],
    ["129 characters", "a".repeat(129), false],
    ["a plus sign", `${"a".repeat(43)}+`, false],
    ["padding", `${"a".repeat(43)}=`, false],
    ["a line break at the end", `${"a".repeat(43)}\n`, false],
  ])("a value of %s has the form of RFC 7636 §4.1: %#", (_, value, expected) =>
    expect(isPkceValue(value)).toBe(expected),
  );
});
