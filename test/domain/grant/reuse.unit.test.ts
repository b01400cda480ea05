import { describe, expect, it } from "vitest";
import { grantDecider } from "../../../domain/grant/decide.ts";
import { given, refused } from "../../support/given.ts";
import { policy, refresh } from "../../support/grant-commands.ts";
import {
  accessToken,
  activeAfter,
  at,
  authorized,
  redeemed,
  revoked,
  rotated,
} from "../../support/grant-events.ts";

const family = [authorized, redeemed, rotated(at(60))];
const grant = activeAfter(family.at(-1));
const unsigned = accessToken(3, at(65), { hash: "" });

const reuse = (revision: number, time: number, state = grant) => [
  { type: "grant.refresh_token.reused" as const, data: { revision, at: time, grant: state } },
  revoked("refresh_token_reused", time, state.lastsUntil),
];

describe("a spent refresh token whose successor is unused (I4)", () => {
  it("gets the same successor again inside the grace window, with an access token of its own", () => {
    const repeated = { ...grant, spent: grant.spent && { ...grant.spent, repeats: 1 } };
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(65)))
      .then([{ type: "grant.refresh_token.repeated", data: { accessToken: unsigned, grant: repeated } }], {
        grant: repeated,
        accessToken: unsigned,
        refreshToken: "same_successor",
      });
  });

  it("may be repeated at the last millisecond of the window, and ends the grant at the next", () => {
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(70)))
      .then([expect.objectContaining({ type: "grant.refresh_token.repeated" })], expect.anything());
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(70) + 1))
      .then(reuse(1, at(70) + 1), refused("invalid_grant"));
  });

  it("gets it 64 times; more are merely refused, until the window is over", () => {
    const repeatedTo = (repeats: number) => [authorized, redeemed, rotated(at(60), repeats)];
    given(grantDecider, ...repeatedTo(63))
      .when(refresh(repeatedTo(63), 1, at(65)))
      .then(
        [expect.objectContaining({ type: "grant.refresh_token.repeated" })],
        expect.objectContaining({ refreshToken: "same_successor" }),
      );
    given(grantDecider, ...repeatedTo(64))
      .when(refresh(repeatedTo(64), 1, at(65)))
      .then([], refused("invalid_grant", "The refresh token was repeated too often"));
    given(grantDecider, ...repeatedTo(64))
      .when(refresh(repeatedTo(64), 1, at(71)))
      .then(reuse(1, at(71), activeAfter(repeatedTo(64).at(-1))), refused("invalid_grant"));
  });

  it.each([
    ["for more scope than granted", { scope: ["admin"] }, "invalid_scope"],
    ["for a resource that was not granted", { audience: ["https://else.example"] }, "invalid_target"],
    ["by another client", { clientId: "other" }, "invalid_grant"],
  ] as const)("is merely refused %s inside the window", (_, changes, error) =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(65), changes))
      .then([], refused(error)),
  );
});

describe("a spent refresh token otherwise ends the grant (I4, RFC 9700 §4.14.2)", () => {
  it("after the grace window", () =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(71)))
      .then(reuse(1, at(71)), refused("invalid_grant")));

  it("inside it, once its successor was used", () => {
    const after = {
      ...grant,
      refreshToken: { revision: 3, hash: "refresh-3", issuedAt: at(62), expiresAt: at(900) },
      spent: { revision: 2, nonce: "nonce-3", keyVersion: 1, repeats: 0 },
    };
    const longer = [
      ...family,
      {
        type: "grant.refresh_token.rotated" as const,
        data: { accessToken: accessToken(3, at(62)), grant: after },
      },
    ];
    given(grantDecider, ...longer)
      .when(refresh(longer, 1, at(63)))
      .then(reuse(1, at(63), after), refused("invalid_grant"));
  });

  it("whatever scope or resource is asked for with it", () =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(71), { scope: ["admin"], audience: ["https://else.example"] }))
      .then(reuse(1, at(71)), refused("invalid_grant")));

  it("where no grace is configured, even a moment later", () =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(60) + 1, { policy: { ...policy, graceWindow: 0 } }))
      .then(reuse(1, at(60) + 1), refused("invalid_grant")));

  it("but not in the hands of another client", () =>
    given(grantDecider, ...family)
      .when(refresh(family, 1, at(71), { clientId: "other" }))
      .then([], refused("invalid_grant")));

  it("and only once: an ended grant records nothing more", () =>
    given(grantDecider, ...family, ...reuse(1, at(71)))
      .when(refresh(family, 1, at(72)))
      .then([], refused("invalid_grant")));
});
