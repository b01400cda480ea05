import { describe, expect, it } from "vitest";
import {
  formatCode,
  formatJti,
  formatMcpSessionId,
  formatRefreshToken,
  formatSessionToken,
  parseCode,
  parseJti,
  parseMcpSessionId,
  parseRefreshToken,
  parseSessionToken,
} from "../../../domain/oauth/token-forms.ts";

const grantId = "G".repeat(22);
const secret = "s".repeat(43);
const userId = `u_${"U".repeat(22)}`;

describe("what we hand out names its stream, and is read back", () => {
  it("as a code", () => {
    expect(formatCode(grantId, secret)).toBe(`dcc_${grantId}.${secret}`);
    expect(parseCode(formatCode(grantId, secret))).toEqual({ grantId, secret });
  });

  it("as a refresh token", () => {
    const parts = { grantId, revision: 12, secret };
    expect(formatRefreshToken(parts)).toBe(`dcr_${grantId}.12.${secret}`);
    expect(parseRefreshToken(formatRefreshToken(parts))).toEqual(parts);
  });

  it("as a session cookie", () => {
    const sessionId = "S".repeat(22);
    const parts = { userId, sessionId, secret };
    expect(parseSessionToken(formatSessionToken(userId, sessionId, secret))).toEqual(parts);
  });

  it.each([`u_${grantId}`, `c_${grantId}`, "ticket-office", "a.b.c", "7f1f4f2c-3c0d-4c55-9a53-0c5b1d5a9e01"])(
    "as the id of an MCP session of %s",
    (ownerId) =>
      expect(parseMcpSessionId(formatMcpSessionId(ownerId, grantId, secret))).toEqual({
        ownerId,
        sessionId: grantId,
        secret,
      }),
  );

  it("as the id of an access token", () =>
    expect(parseJti(formatJti(grantId, 0))).toEqual({ grantId, revision: 0 }));
});

describe("what we cannot have handed out is not read", () => {
  it.each([
    ["nothing", ""],
    ["another prefix", `dcx_${grantId}.${secret}`],
    ["a short grant id", `dcc_${grantId.slice(1)}.${secret}`],
    ["a short secret", `dcc_${grantId}.${secret.slice(1)}`],
    ["something after it", `dcc_${grantId}.${secret}0`],
    ["a line break after it", `dcc_${grantId}.${secret}\n`],
    ["something before it", ` dcc_${grantId}.${secret}`],
    ["a refresh token", `dcr_${grantId}.1.${secret}`],
  ])("as a code: %s", (_, value) => expect(parseCode(value)).toBeUndefined());

  it.each([
    ["no revision", `dcr_${grantId}.${secret}`],
    ["a negative revision", `dcr_${grantId}.-1.${secret}`],
    ["a fraction", `dcr_${grantId}.1.5.${secret}`],
    ["a revision beyond all bounds", `dcr_${grantId}.1234567890.${secret}`],
    ["a padded secret", `dcr_${grantId}.1.${secret.slice(1)}=`],
    ["a code", `dcc_${grantId}.${secret}`],
  ])("as a refresh token: %s", (_, value) => expect(parseRefreshToken(value)).toBeUndefined());

  it.each([
    ["no user", `${grantId}.${grantId}.${secret}`],
    ["no secret", `${userId}.${grantId}`],
  ])("as a session cookie: %s", (_, value) => expect(parseSessionToken(value)).toBeUndefined());

  it.each([
    ["another separator", `${grantId}:1`],
    ["no revision", `${grantId}.`],
  ])("as the id of an access token: %s", (_, value) => expect(parseJti(value)).toBeUndefined());
});
