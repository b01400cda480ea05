import { describe, expect, it } from "vitest";
import { grantDecider } from "../../../domain/grant/decide.ts";
import type { GrantEvent, RevokedAccessTokens } from "../../../domain/grant/grant.ts";
import { isAccessTokenRevoked } from "../../../domain/grant/revoke.ts";
import { given, refused } from "../../support/given.ts";
import { presentedAt, revoke } from "../../support/grant-commands.ts";
import {
  active,
  activeAfter,
  at,
  authorized,
  redeemed,
  revoked,
  rotated,
} from "../../support/grant-events.ts";

const family = [authorized, redeemed, rotated(at(60))];
const { lastsUntil } = activeAfter(family.at(-1));
const done = { done: true } as const;

describe("a grant is ended (RFC 7009 §2.1)", () => {
  it.each([
    ["current", 2],
    ["spent", 1],
  ])("by its %s refresh token", (_, revision) =>
    given(grantDecider, ...family)
      .when(revoke(at(70), { presented: presentedAt(family, revision) }))
      .then([revoked("client_request", at(70), lastsUntil)], done),
  );

  it("by an operator, whoever its client is", () =>
    given(grantDecider, ...family)
      .when(revoke(at(70), { clientId: undefined, reason: "operator" }))
      .then([revoked("operator", at(70), lastsUntil)], done));

  it("before its code was redeemed", () =>
    given(grantDecider, authorized)
      .when(revoke(at(5), { reason: "operator" }))
      .then([revoked("operator", at(5), authorized.data.grant.expiresAt)], done));

  it("once", () =>
    given(grantDecider, ...family, revoked("operator", at(65), lastsUntil))
      .when(revoke(at(70)))
      .then([], done));

  it("not by another client, which is told so", () =>
    given(grantDecider, ...family)
      .when(revoke(at(70), { clientId: "other", presented: presentedAt(family, 2) }))
      .then([], refused("invalid_grant")));

  it.each([
    ["a secret never issued", { hash: "guessed", issuedBy: family[2] }],
    ["a revision that issued none", { hash: "refresh-0", issuedBy: authorized }],
    ["a revision that does not exist", { hash: "refresh-9", issuedBy: undefined }],
  ])("not by %s, which is answered like success (RFC 7009 §2.2)", (_, presented) =>
    given(grantDecider, ...family)
      .when(revoke(at(70), { presented }))
      .then([], done),
  );

  it("not where it never began", () =>
    given(grantDecider)
      .when(revoke(at(70)))
      .then([], done));
});

describe("one access token is revoked", () => {
  const command = (tokenRevision: number, clientId = "app") =>
    ({ type: "revoke_access_token", clientId, tokenRevision, now: at(70) }) as const;
  const holding = (list: RevokedAccessTokens): GrantEvent => ({
    type: "grant.access_token.revoked",
    data: { revision: 0, at: at(69), grant: active({ revoked: list }) },
  });
  const recorded = (revision: number, list: RevokedAccessTokens): GrantEvent => ({
    type: "grant.access_token.revoked",
    data: { revision, at: at(70), grant: active({ revoked: list }) },
  });
  const sixteen = Array.from({ length: 16 }, (_, index) => 10 + index);

  it("by itself, the family lives on", () =>
    given(grantDecider, holding({ revisions: [7], throughRevision: -1 }))
      .when(command(4))
      .then([recorded(4, { revisions: [4, 7], throughRevision: -1 })], done));

  it.each([
    ["listed", 7],
    ["below the watermark", 3],
  ])("once: one that is %s is revoked already", (_, revision) =>
    given(grantDecider, holding({ revisions: [7], throughRevision: 3 }))
      .when(command(revision))
      .then([], done),
  );

  it("the oldest of a full list goes into the watermark, with all before it (I14)", () =>
    given(grantDecider, holding({ revisions: sixteen, throughRevision: 2 }))
      .when(command(40))
      .then([recorded(40, { revisions: [...sixteen.slice(1), 40], throughRevision: 10 })], done));

  it("one older than a full list raises the watermark itself", () =>
    given(grantDecider, holding({ revisions: sixteen, throughRevision: 2 }))
      .when(command(5))
      .then([recorded(5, { revisions: sixteen, throughRevision: 5 })], done));

  it("not by another client, which is told so", () =>
    given(grantDecider, ...family)
      .when(command(1, "other"))
      .then([], refused("invalid_grant")));

  it("and nothing is recorded where the grant has ended, is pending or never began", () => {
    given(grantDecider, ...family, revoked("operator", at(65), lastsUntil))
      .when(command(1))
      .then([], done);
    given(grantDecider, authorized).when(command(0)).then([], done);
    given(grantDecider).when(command(0)).then([], done);
  });

  it("and is then known as revoked, its neighbours are not", () => {
    const grant = active({ revoked: { revisions: [7, 9], throughRevision: 3 } });
    const dead = [0, 3, 4, 7, 8, 9, 10].filter((revision) => isAccessTokenRevoked(grant, revision));
    expect(dead).toEqual([0, 3, 7, 9]);
  });
});
