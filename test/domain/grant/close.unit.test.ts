import { describe, it } from "vitest";
import type { Ending } from "../../../domain/closure/closure.ts";
import { grantDecider } from "../../../domain/grant/decide.ts";
import { given } from "../../support/given.ts";
import {
  activeAfter,
  at,
  authorized,
  redeemed,
  revoked,
  rotated,
  terms,
} from "../../support/grant-events.ts";

const family = [authorized, redeemed, rotated(at(60))];
const { lastsUntil } = activeAfter(family.at(-1));
const done = { done: true } as const;
const close = (ending: Ending, now = at(70)) => ({ type: "close", ending, now }) as const;
const user = (epoch: number, id = "ada"): Ending => ({ what: "user", id, epoch });

describe("a grant is closed", () => {
  it.each<[string, Ending]>([
    ["user", user(terms.userEpoch === null ? 0 : terms.userEpoch + 1)],
    ["user", user(9)],
    ["client", { what: "client", id: "app", epoch: 1 }],
    ["session", { what: "session", id: "s1", epoch: 0 }],
  ])("when its %s has ended", (what, ending) =>
    given(grantDecider, ...family)
      .when(close(ending))
      .then([revoked(`${what as Ending["what"]}_ended`, at(70), lastsUntil)], done),
  );

  it("before its code was redeemed", () =>
    given(grantDecider, authorized)
      .when(close(user(3), at(5)))
      .then([revoked("user_ended", at(5), authorized.data.grant.expiresAt)], done));

  it.each<[string, Ending]>([
    ["of another user", user(9, "bob")],
    ["of its user before it began", user(2)],
    ["of another client", { what: "client", id: "other", epoch: 9 }],
    ["of its client before it began", { what: "client", id: "app", epoch: 0 }],
    ["of another session", { what: "session", id: "s2", epoch: 0 }],
  ])("not by the end %s", (_, ending) =>
    given(grantDecider, ...family)
      .when(close(ending))
      .then([], done),
  );

  it("once, and not where it ended before for another reason", () =>
    given(grantDecider, ...family, revoked("operator", at(65), lastsUntil))
      .when(close(user(9)))
      .then([], done));

  it("not where all its tokens, or its code, died by themselves", () => {
    given(grantDecider, ...family)
      .when(close(user(9), lastsUntil))
      .then([], done);
    given(grantDecider, authorized)
      .when(close(user(9), at(60)))
      .then([], done);
  });

  it("not where it never began", () =>
    given(grantDecider)
      .when(close(user(9)))
      .then([], done));
});
