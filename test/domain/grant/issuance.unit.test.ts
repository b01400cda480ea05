import { describe, expect, it } from "vitest";
import { grantDecider } from "../../../domain/grant/decide.ts";
import { type GrantEvent, maxKnownAccessTokens, sign } from "../../../domain/grant/grant.ts";
import { given, refused } from "../../support/given.ts";
import {
  accessToken,
  active,
  at,
  authorized,
  redeemed,
  revoked,
  rotated,
  terms,
} from "../../support/grant-events.ts";

describe("client credentials (RFC 6749 §4.4)", () => {
  const own = { ...terms, userId: null, userEpoch: null, sessionId: null, expiresAt: at(900) };
  const command = { type: "issue_client_credentials", terms: own, now: at(0) } as const;

  it("get one access token without a refresh token, and the grant ends with it", () => {
    const token = accessToken(0, at(0), { hash: "", expiresAt: at(900) });
    const grant = active({ ...own, refreshToken: null, lastsUntil: at(900) });
    given(grantDecider)
      .when(command)
      .then([{ type: "grant.client_credentials.issued", data: { accessToken: token, grant } }], {
        grant,
        accessToken: token,
        refreshToken: "none",
      });
  });

  it("get nothing under an id that is taken", () =>
    given(grantDecider, redeemed).when(command).then([], refused("invalid_request")));
});

describe("signing an event", () => {
  const issuing = (known: number, issuedAt: number): GrantEvent => ({
    type: "grant.refresh_token.repeated",
    data: {
      accessToken: accessToken(20, issuedAt, { hash: "" }),
      grant: active({
        accessTokens: Array.from({ length: known }, (_, index) => ({
          revision: index,
          hash: `access-${index}`,
          expiresAt: at(900 + index),
        })),
      }),
    },
  });
  const knownAfter = (event: GrantEvent) => {
    const { grant } = sign(event, "signed").data;
    return grant.status === "active" ? grant.accessTokens : undefined;
  };
  const fresh = (issuedAt: number) => ({ revision: 20, hash: "signed", expiresAt: issuedAt + 900_000 });

  it("puts the token's hash into it and into what the grant knows", () => {
    const signed = sign(issuing(0, at(0)), "signed");
    expect(signed).toStrictEqual({
      type: "grant.refresh_token.repeated",
      data: {
        accessToken: accessToken(20, at(0), { hash: "signed" }),
        grant: active({ accessTokens: [fresh(at(0))] }),
      },
    });
  });

  it("keeps the newest four (I14)", () => {
    const known = knownAfter(issuing(maxKnownAccessTokens, at(0)));
    expect(known?.map(({ revision }) => revision)).toEqual([1, 2, 3, 20]);
  });

  it("forgets those that have expired", () => {
    const known = knownAfter(issuing(4, at(902)));
    expect(known?.map(({ revision }) => revision)).toEqual([3, 20]);
  });

  it.each([
    ["issues no token", authorized],
    ["ends the grant", revoked("operator", at(1), at(2))],
    ["is signed already", rotated(at(1))],
  ])("leaves an event alone that %s", (_, event) => expect(sign(event, "signed")).toBe(event));
});
