import { describe, it } from "vitest";
import { grantDecider } from "../../../domain/grant/decide.ts";
import { given, refused } from "../../support/given.ts";
import { policy, refresh, standing } from "../../support/grant-commands.ts";
import {
  accessToken,
  active,
  activeAfter,
  at,
  authorized,
  redeemed,
  refreshToken,
  revoked,
  rotated,
  terms,
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
    ["what client and user still have", { standing: standing({ client: ["write"] }) }, { scope: ["write"] }],
    [
      "all the client has where there is no user",
      { standing: standing({ client: ["read"], user: null }) },
      { scope: ["read"] },
    ],
    [
      "the resources that are still there",
      { standing: standing({ audience: ["https://else.example", "https://admin.example"] }) },
      { audience: ["https://admin.example"] },
    ],
    [
      "those that are asked for and still there",
      { audience: terms.audience, standing: standing({ audience: ["https://mcp.example"] }) },
      { audience: ["https://mcp.example"] },
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
      { standing: standing({ client: ["admin"], user: null }) },
      "invalid_grant",
    ],
    [
      "where no resource that was granted is there any more",
      { standing: standing({ audience: ["https://else.example"] }) },
      "invalid_target",
    ],
    [
      "for a resource that is not there any more, though another of the grant is",
      { audience: ["https://mcp.example"], standing: standing({ audience: ["https://admin.example"] }) },
      "invalid_target",
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

  it("where client, user or session are gone", () =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(60), { standing: undefined }))
      .then([], refused("invalid_grant", "The grant has ended")));

  it("nor does a reuse where they are gone: nothing is left to end", () => {
    const longer = [...family, rotated(at(20))];
    given(grantDecider, ...longer)
      .when(refresh(longer, 1, at(90), { standing: undefined }))
      .then([], refused("invalid_grant", "The grant has ended"));
  });

  it.each([
    ["another client", { clientId: "other" }],
    ["another secret", { presented: { hash: "guessed", revision: 1, issuedBy: redeemed } }],
  ])("and %s does not learn that they are gone", (_, changes) =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(60), { standing: undefined, ...changes }))
      .then([], refused("invalid_grant", "Invalid refresh token")),
  );

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
