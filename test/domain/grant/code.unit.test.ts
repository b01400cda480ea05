import { describe, expect, it } from "vitest";
import { grantDecider } from "../../../domain/grant/decide.ts";
import type { GrantEvent } from "../../../domain/grant/grant.ts";
import { given, refused } from "../../support/given.ts";
import { redeem, standing } from "../../support/grant-commands.ts";
import {
  accessToken,
  active,
  activeAfter,
  at,
  authorized,
  code,
  pending,
  redeemed,
  refreshToken,
  revoked,
  rotated,
  terms,
} from "../../support/grant-events.ts";

const unsigned = accessToken(1, at(0), { hash: "" });

describe("an authorization code", () => {
  it("begins a grant", () =>
    given(grantDecider).when({ type: "authorize", terms, code }).then([authorized], { done: true }));

  it("begins no grant under an id that is taken", () =>
    given(grantDecider, authorized)
      .when({ type: "authorize", terms, code })
      .then([], refused("invalid_request")));

  it("is redeemed for an access and a refresh token (RFC 6749 §4.1.3)", () =>
    given(grantDecider, authorized)
      .when(redeem())
      .then([{ type: "grant.code.redeemed", data: { accessToken: unsigned, grant: active() } }], {
        grant: active(),
        accessToken: unsigned,
        refreshToken: "first",
      }));

  it("is redeemed for an access token alone where the client may not refresh", () => {
    const grant = active({ refreshToken: null, lastsUntil: unsigned.expiresAt });
    given(grantDecider, authorized)
      .when(redeem({ refreshTokenHash: null }))
      .then([{ type: "grant.code.redeemed", data: { accessToken: unsigned, grant } }], {
        grant,
        accessToken: unsigned,
        refreshToken: "none",
      });
  });

  it("is redeemed without a redirect_uri, which PKCE makes needless (OAuth 2.1 §4.1.3)", () =>
    given(grantDecider, authorized)
      .when(redeem({ redirectUri: undefined }))
      .then([expect.objectContaining({ type: "grant.code.redeemed" })], expect.anything()));

  it("gives tokens of the resource that is asked for (RFC 8707 §2.2), the grant keeps all", () => {
    const audience = ["https://mcp.example"];
    given(grantDecider, authorized)
      .when(redeem({ audience }))
      .then(
        [
          {
            type: "grant.code.redeemed",
            data: { accessToken: { ...unsigned, audience }, grant: active() },
          },
        ],
        { grant: active(), accessToken: { ...unsigned, audience }, refreshToken: "first" },
      );
  });

  it("gives no scope that client or user have lost since", () =>
    given(grantDecider, authorized)
      .when(redeem({ standing: standing({ user: ["read"] }) }))
      .then(
        [
          expect.objectContaining({
            data: { accessToken: { ...unsigned, scope: ["read"] }, grant: active() },
          }),
        ],
        expect.objectContaining({ refreshToken: "first" }),
      ));

  it.each([
    ["of what was granted", undefined, ["https://admin.example"], ["https://admin.example"]],
    ["of what is asked for", terms.audience, ["https://mcp.example"], ["https://mcp.example"]],
    [
      "in the order of the grant",
      undefined,
      ["https://else.example", ...terms.audience.toReversed()],
      terms.audience,
    ],
  ])(
    "gives tokens of the resources that are still there, %s, the grant keeps all",
    (_, asked, there, audience) =>
      given(grantDecider, authorized)
        .when(redeem({ audience: asked, standing: standing({ audience: there }) }))
        .then(
          [
            {
              type: "grant.code.redeemed",
              data: { accessToken: { ...unsigned, audience }, grant: active() },
            },
          ],
          { grant: active(), accessToken: { ...unsigned, audience }, refreshToken: "first" },
        ),
  );

  it("lets no token outlive the grant (I6)", () => {
    const expiresAt = at(300);
    const short: GrantEvent = { type: "grant.authorized", data: { grant: { ...pending, expiresAt } } };
    const token = { ...unsigned, expiresAt };
    const grant = active({
      expiresAt,
      refreshToken: refreshToken(1, at(0), { expiresAt }),
      lastsUntil: expiresAt,
    });
    given(grantDecider, short)
      .when(redeem({ presented: { hash: code.hash, issuedBy: short } }))
      .then([{ type: "grant.code.redeemed", data: { accessToken: token, grant } }], {
        grant,
        accessToken: token,
        refreshToken: "first",
      });
  });
});

describe("a code is refused, and can still be redeemed,", () => {
  it.each([
    ["by another client", redeem({ clientId: "other" }), "invalid_grant"],
    ["with another redirect_uri", redeem({ redirectUri: "https://app.example/other" }), "invalid_grant"],
    ["with a wrong verifier (RFC 7636 §4.6)", redeem({ codeVerifier: "w".repeat(43) }), "invalid_grant"],
    ["without a verifier", redeem({ codeVerifier: undefined }), "invalid_grant"],
    [
      "where another hash is presented",
      redeem({ presented: { hash: "x", issuedBy: authorized } }),
      "invalid_grant",
    ],
    ["for a resource that was not granted", redeem({ audience: ["https://else.example"] }), "invalid_target"],
    ["once it has expired", redeem({ now: code.expiresAt }), "invalid_grant"],
    [
      "where nothing granted is allowed any more",
      redeem({ standing: standing({ client: [], user: null }) }),
      "invalid_grant",
    ],
    [
      "where no resource that was granted is there any more",
      redeem({ standing: standing({ audience: ["https://else.example"] }) }),
      "invalid_target",
    ],
    [
      "for a resource that is not there any more, though another of the grant is",
      redeem({
        audience: ["https://mcp.example"],
        standing: standing({ audience: ["https://admin.example"] }),
      }),
      "invalid_target",
    ],
  ] as const)("%s", (_, command, error) =>
    given(grantDecider, authorized).when(command).then([], refused(error)),
  );

  it("where client, user or session are gone", () =>
    given(grantDecider, authorized)
      .when(redeem({ standing: undefined }))
      .then([], refused("invalid_grant", "The authorization has ended")));

  it.each([
    ["another secret", { presented: { hash: "x", issuedBy: authorized } }, "Invalid authorization code"],
    ["another client", { clientId: "other" }, "Invalid authorization code"],
    ["a wrong verifier", { codeVerifier: "w".repeat(43) }, "Invalid code verifier"],
    ["a code that has expired", { now: code.expiresAt }, "The authorization code has expired"],
  ])("and with %s learns nothing of that", (_, changes, description) =>
    given(grantDecider, authorized)
      .when(redeem({ standing: undefined, ...changes }))
      .then([], refused("invalid_grant", description)),
  );

  it("under a grant id that does not exist", () =>
    given(grantDecider)
      .when(redeem({ presented: { hash: code.hash, issuedBy: undefined } }))
      .then([], refused("invalid_grant")));

  it("where the grant began without a code", () => {
    const issued: GrantEvent = {
      type: "grant.client_credentials.issued",
      data: { accessToken: accessToken(0, at(0)), grant: active({ refreshToken: null }) },
    };
    given(grantDecider, issued)
      .when(redeem({ presented: { hash: code.hash, issuedBy: issued } }))
      .then([], refused("invalid_grant"));
  });

  const excused: GrantEvent = {
    type: "grant.authorized",
    data: { grant: { ...pending, code: { ...code, challenge: null } } },
  };

  it.each([
    ["without the redirect_uri", undefined],
    ["with another redirect_uri", `${code.redirectUri}/`],
  ])("%s where no PKCE binds it to its client (RFC 6749 §4.1.3)", (_, redirectUri) => {
    const presented = { hash: code.hash, issuedBy: excused };
    given(grantDecider, excused)
      .when(redeem({ presented, codeVerifier: undefined, redirectUri }))
      .then([], refused("invalid_grant", "Invalid redirect_uri"));
  });

  it("with a verifier where the client was excused from PKCE (RFC 9700 §2.1.1, downgrade)", () => {
    const presented = { hash: code.hash, issuedBy: excused };
    given(grantDecider, excused).when(redeem({ presented })).then([], refused("invalid_grant"));
    given(grantDecider, excused)
      .when(redeem({ presented, codeVerifier: undefined }))
      .then([expect.objectContaining({ type: "grant.code.redeemed" })], expect.anything());
  });
});

describe("a code that was redeemed before (I2, RFC 6749 §4.1.2)", () => {
  const afterRotation = [authorized, redeemed, rotated(at(20))];
  const grant = activeAfter(afterRotation.at(-1));

  it.each([
    ["ends all that came of it", {}],
    ["does so too where client, user or session are gone", { standing: undefined }],
    ["does so too where no resource is there any more", { standing: standing({ audience: [] }) }],
  ])("%s", (_, changes) =>
    given(grantDecider, ...afterRotation)
      .when(redeem({ now: at(30), ...changes }))
      .then(
        [
          { type: "grant.code.replayed", data: { at: at(30), grant } },
          revoked("code_replayed", at(30), grant.lastsUntil),
        ],
        refused("invalid_grant"),
      ),
  );

  it.each([
    ["a wrong verifier", redeem({ codeVerifier: "w".repeat(43) })],
    ["another client", redeem({ clientId: "other" })],
    ["another redirect_uri", redeem({ redirectUri: "https://app.example/other" })],
    ["another secret", redeem({ presented: { hash: "x", issuedBy: authorized } })],
  ])("ends nothing with %s", (_, command) =>
    given(grantDecider, ...afterRotation)
      .when(command)
      .then([], refused("invalid_grant")),
  );

  it("is merely refused once the grant has ended", () =>
    given(grantDecider, ...afterRotation, revoked("operator", at(25), grant.lastsUntil))
      .when(redeem({ now: at(30) }))
      .then([], refused("invalid_grant")));
});
