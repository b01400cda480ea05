import { describe, it } from "vitest";
import { grantDecider } from "../../../domain/grant/decide.ts";
import { given, refused } from "../../support/given.ts";
import { policy, refresh } from "../../support/grant-commands.ts";
import {
  accessToken,
  active,
  activeAfter,
  at,
  authorized,
  redeemed,
  refreshToken,
  revoked,
} from "../../support/grant-events.ts";

const family = [authorized, redeemed];
const unsigned = accessToken(2, at(60), { hash: "" });
const grant = active({
  refreshToken: refreshToken(2, at(60)),
  spent: { revision: 1, nonce: "nonce-2", keyVersion: 1, repeats: 0 },
  accessTokens: activeAfter(redeemed).accessTokens,
  lastsUntil: refreshToken(2, at(60)).expiresAt,
});

describe("the current refresh token", () => {
  it("is rotated (RFC 9700 §4.14)", () =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(60)))
      .then([{ type: "grant.refresh_token.rotated", data: { accessToken: unsigned, grant } }], {
        grant,
        accessToken: unsigned,
        refreshToken: "successor",
      }));

  it.each([
    ["a narrower scope", { scope: ["read"] }, { scope: ["read"] }],
    ["the same scope in another order", { scope: ["write", "read"] }, { scope: ["write", "read"] }],
    ["a resource of the grant", { audience: ["https://mcp.example"] }, { audience: ["https://mcp.example"] }],
    [
      "what client and user still have",
      { standing: { client: ["write"], user: ["read", "write"] } },
      { scope: ["write"] },
    ],
    [
      "all the client has where there is no user",
      { standing: { client: ["read"], user: null } },
      { scope: ["read"] },
    ],
  ])("gives an access token of %s, the grant keeps the whole (RFC 6749 §6)", (_, asked, expected) => {
    const token = { ...unsigned, ...expected };
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(60), asked))
      .then([{ type: "grant.refresh_token.rotated", data: { accessToken: token, grant } }], {
        grant,
        accessToken: token,
        refreshToken: "successor",
      });
  });

  it("gets no successor that outlives the grant (I6)", () => {
    const now = grant.expiresAt - 1000;
    const newer = {
      ...redeemed,
      data: { ...redeemed.data, grant: active({ refreshToken: refreshToken(1, now - 1000) }) },
    };
    const late = [authorized, newer as typeof redeemed];
    const token = accessToken(2, now, { hash: "", expiresAt: grant.expiresAt });
    const after = active({
      refreshToken: refreshToken(2, now, { expiresAt: grant.expiresAt }),
      spent: grant.spent,
      lastsUntil: grant.expiresAt,
    });
    given(grantDecider, ...late)
      .when(refresh(late, 1, now))
      .then([{ type: "grant.refresh_token.rotated", data: { accessToken: token, grant: after } }], {
        grant: after,
        accessToken: token,
        refreshToken: "successor",
      });
  });
});

describe("a refresh changes nothing", () => {
  it.each([
    ["by another client", { clientId: "other" }, "invalid_grant"],
    ["for more scope than granted", { scope: ["read", "admin"] }, "invalid_scope"],
    ["for a resource that was not granted", { audience: ["https://else.example"] }, "invalid_target"],
    [
      "where nothing granted is allowed any more",
      { standing: { client: ["admin"], user: null } },
      "invalid_grant",
    ],
  ] as const)("%s", (_, changes, error) =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(60), changes))
      .then([], refused(error)),
  );

  it("once the token has expired", () =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(0) + policy.refreshTokenLifetime))
      .then([], refused("invalid_grant", "The refresh token has expired")));

  it("once the grant has ended", () =>
    given(grantDecider, ...family, revoked("operator", at(30), at(900)))
      .when(refresh(family, 1, at(60)))
      .then([], refused("invalid_grant")));

  it.each([
    ["another secret at a revision that issued one", { hash: "guessed", revision: 1, issuedBy: redeemed }],
    ["a revision that issued no refresh token", { hash: "refresh-0", revision: 0, issuedBy: authorized }],
    ["a revision that does not exist", { hash: "refresh-7", revision: 7, issuedBy: undefined }],
  ])("with %s: knowing a grant id kills nothing", (_, presented) =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(60), { presented }))
      .then([], refused("invalid_grant")),
  );

  it("with a token of a grant that does not exist", () =>
    given(grantDecider)
      .when(refresh([], 1, at(60)))
      .then([], refused("invalid_grant")));
});
