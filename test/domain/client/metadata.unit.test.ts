import { describe, expect, it } from "vitest";
import {
  checkRegistration,
  type RegistrationRequest,
  standardCapabilities,
} from "../../../domain/client/metadata.ts";
import { refused } from "../../support/given.ts";

const rules = {
  scopes: ["read", "write"],
  defaultScopes: ["read", "write"],
  allowPublicClients: true,
  allowClientCredentials: true,
};
const redirectUris = ["https://app.example/callback"];
const check = (request: Partial<RegistrationRequest>, changes: Partial<typeof rules> = {}) =>
  checkRegistration({ redirectUris, ...request }, { ...rules, ...changes });

describe("a client that says little of itself", () => {
  it("gets the defaults of RFC 7591 §2", () =>
    expect(check({})).toEqual({
      name: "Unnamed client",
      type: "confidential",
      applicationType: "web",
      authMethods: ["client_secret_basic"],
      redirectUris,
      grantTypes: ["authorization_code"],
      scopes: ["read", "write"],
      tokenFormat: "jwt",
      jwks: null,
      jwksUri: null,
      clientUri: null,
      softwareId: null,
    }));

  it("is public where it authenticates by nothing", () =>
    expect(check({ authMethods: ["none"] })).toMatchObject({ type: "public", authMethods: ["none"] }));

  it("gets of the scopes that it names those on offer, never admin", () =>
    expect(check({ scope: "write admin unknown" })).toMatchObject({ scopes: ["write"] }));

  it("needs no redirect URI where it does not use codes", () =>
    expect(check({ redirectUris: [], grantTypes: ["client_credentials"] })).toMatchObject({
      redirectUris: [],
    }));

  it.each(["public", "confidential"] as const)("may do what is usual for its type: %s", (type) =>
    expect(check(standardCapabilities[type])).toMatchObject({ type, ...standardCapabilities[type] }),
  );

  it("acts for people where nobody vouches for it", () =>
    expect(
      check({ grantTypes: ["authorization_code", "refresh_token"] }, { allowClientCredentials: false }),
    ).toMatchObject({ grantTypes: ["authorization_code", "refresh_token"] }));

  it("is registered once for each redirect URI and grant type", () =>
    expect(
      check({
        redirectUris: [...redirectUris, ...redirectUris],
        grantTypes: ["authorization_code", "authorization_code"],
      }),
    ).toMatchObject({ redirectUris, grantTypes: ["authorization_code"] }));
});

describe("a registration is refused (RFC 7591 §3.2.2)", () => {
  const jwks = { keys: [] };
  it.each<[string, Partial<RegistrationRequest>]>([
    ["an unknown authentication method", { authMethods: ["client_secret_jwt"] }],
    ["no authentication method", { authMethods: [] }],
    ["a public client that authenticates too", { authMethods: ["none", "client_secret_post"] }],
    ["private_key_jwt without keys", { authMethods: ["private_key_jwt"] }],
    ["keys by value and by reference", { jwks, jwksUri: "https://app.example/jwks" }],
    ["keys by http", { jwksUri: "http://app.example/jwks" }],
    ["keys nowhere", { jwksUri: "nowhere" }],
    ["an unknown grant type", { grantTypes: ["password"] }],
    ["no grant type", { grantTypes: [] }],
    [
      "a public client with client_credentials",
      { authMethods: ["none"], grantTypes: ["client_credentials"] },
    ],
    ["refresh tokens without codes", { grantTypes: ["client_credentials", "refresh_token"] }],
    ["another response type", { responseTypes: ["token"] }],
    ["a response type without codes", { grantTypes: ["client_credentials"], responseTypes: ["code"] }],
  ])("with %s", (_, request) => expect(check(request)).toEqual(refused("invalid_client_metadata")));

  it("where public clients are not allowed", () =>
    expect(check({ authMethods: ["none"] }, { allowPublicClients: false })).toEqual(
      refused("invalid_client_metadata"),
    ));

  it.each([
    ["alone", ["client_credentials"]],
    ["beside codes", ["authorization_code", "client_credentials"]],
  ])("with client_credentials %s where nobody vouches for the client", (_, grantTypes) =>
    expect(check({ grantTypes }, { allowClientCredentials: false })).toEqual(
      refused("invalid_client_metadata"),
    ),
  );

  it.each([
    ["no redirect URI", []],
    ["one that cannot be registered", [...redirectUris, "javascript:alert(1)"]],
  ])("with %s", (_, uris) => expect(check({ redirectUris: uris })).toEqual(refused("invalid_redirect_uri")));
});
