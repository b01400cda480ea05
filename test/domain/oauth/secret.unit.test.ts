import { describe, expect, it } from "vitest";
import { constantTimeEqual, sha256 } from "../../../domain/oauth/hash.ts";
import { matchesGenerated, rotateSecret, usableSecrets } from "../../../domain/oauth/secret.ts";

const generated = (secret: string, validUntil: number | null = null) =>
  ({ kind: "sha256", hash: sha256(secret), validUntil }) as const;
const { validUntil: _, ...fresh } = generated("fresh");

describe("a client's secret is rotated", () => {
  it("and both open until the overlap is over", () => {
    const secrets = rotateSecret([generated("old")], fresh, 100, 1000);
    const opens = (secret: string, now: number) => matchesGenerated(secret, usableSecrets(secrets, now));
    expect([opens("fresh", 1000), opens("old", 1000)]).toEqual([true, true]);
    expect([opens("fresh", 1099), opens("old", 1099)]).toEqual([true, true]);
    expect([opens("fresh", 1100), opens("old", 1100)]).toEqual([true, false]);
  });

  it("without an overlap, and the old one is gone at once", () =>
    expect(rotateSecret([generated("old")], fresh, 0, 1000)).toEqual([generated("fresh")]));

  it("twice, and the first is gone: never more than two (I14)", () =>
    expect(rotateSecret([generated("second"), generated("first", 1050)], fresh, 100, 1000)).toEqual([
      generated("fresh"),
      generated("second", 1100),
    ]));

  it("from none", () => expect(rotateSecret([], fresh, 100, 1000)).toEqual([generated("fresh")]));
});

describe("a secret that we made", () => {
  it("is known by its SHA-256 alone", () => {
    expect(matchesGenerated("old", [generated("other"), generated("old")])).toBe(true);
    expect(matchesGenerated("new", [generated("other"), generated("old")])).toBe(false);
    expect(matchesGenerated("old", [])).toBe(false);
  });

  it("is never compared with one that a person chose", () =>
    expect(matchesGenerated("old", [{ ...generated("old"), kind: "argon2id" }])).toBe(false));
});

describe("hashing and comparing", () => {
  it("gives SHA-256 as base64url without padding (FIPS 180-2 appendix B.1)", () =>
    expect(sha256("abc")).toBe("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"));

  it("compares strings of any lengths", () => {
    expect(constantTimeEqual("abc", "abc")).toBe(true);
    expect(constantTimeEqual("abc", "abd")).toBe(false);
    expect(constantTimeEqual("abc", "ab")).toBe(false);
    expect(constantTimeEqual("", "")).toBe(true);
  });
});
