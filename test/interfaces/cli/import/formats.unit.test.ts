import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Entry } from "../../../../application/commands/import/entry.ts";
import { dacapo } from "../../../../interfaces/cli/import/dacapo.ts";
import type { Format } from "../../../../interfaces/cli/import/format.ts";
import { hydra } from "../../../../interfaces/cli/import/hydra.ts";
import { keycloak } from "../../../../interfaces/cli/import/keycloak/index.ts";
import { userIdOf } from "../../../../interfaces/cli/import/keycloak/users.ts";
import { oidcProvider } from "../../../../interfaces/cli/import/oidc-provider.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/import/${name}`, import.meta.url), "utf8");

const roles = new Map([["conductor", ["read", "write"]]]);

async function allOf(entries: AsyncIterable<Entry>): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

const entriesOf = async (format: Format, text: string): Promise<ReadonlyMap<string, Entry>> => {
  const entries = await allOf(format(Readable.from([text]), { roles }));
  return new Map(entries.map((entry) => [entry.id, entry]));
};

const refusal = (field: string) => expect.objectContaining({ outcome: "refused", field });
const skip = expect.objectContaining({ outcome: "skipped" });

describe("a Keycloak realm", async () => {
  const entries = await entriesOf(keycloak, fixture("keycloak-realm.json"));

  it("maps a public client, its paths under the root URL", () =>
    expect(entries.get("score-viewer")).toMatchObject({
      request: {
        name: "Score viewer",
        authMethods: ["none"],
        redirectUris: ["https://scores.orchestra.example/callback"],
        grantTypes: ["authorization_code", "refresh_token"],
      },
      scopes: ["web-origins", "profile", "read", "write", "offline_access"],
      secret: undefined,
      notices: [],
    }));

  it("maps a confidential client, and tells the grants that it loses and that it needs PKCE", () =>
    expect(entries.get("ticket-office")).toMatchObject({
      request: {
        authMethods: ["client_secret_basic", "client_secret_post"],
        grantTypes: ["authorization_code", "refresh_token", "client_credentials"],
      },
      secret: { kind: "clear", secret: "k3yC10akT1cketOffice0000000000000" },
      notices: [expect.stringContaining("PKCE"), expect.stringContaining("implicit password")],
    }));

  it("needs no redirect URI of a client that acts for itself alone", () =>
    expect(entries.get("metronome")).toMatchObject({
      request: { redirectUris: [], grantTypes: ["client_credentials"] },
    }));

  it("takes keys by reference, and leaves a client disabled", () => {
    expect(entries.get("signer")).toMatchObject({
      request: { authMethods: ["private_key_jwt"], jwksUri: "https://signer.orchestra.example/jwks" },
    });
    expect(entries.get("retired")).toMatchObject({ isDisabled: true });
  });

  it("does not take what Keycloak calls admin for our own", () =>
    expect(entries.get("administers")).toMatchObject({
      scopes: ["read"],
      notices: [expect.stringContaining("PKCE"), expect.stringContaining("admin is dropped")],
    }));

  it.each([
    ["old-site", "redirectUris"],
    ["saml-portal", "protocol"],
    ["x509", "clientAuthenticatorType"],
    ["password-only", "standardFlowEnabled"],
    ["#14", "clientId"],
  ])("refuses %s by %s", (id, field) => expect(entries.get(id)).toEqual(refusal(field)));

  it.each(["account", "archive-api", "service-account-metronome"])("skips %s", (id) =>
    expect(entries.get(id)).toEqual(skip),
  );

  it("does not take the asterisks of an export without secrets for a secret", () =>
    expect(entries.get("hidden")).toMatchObject({ secret: undefined }));

  it("maps users, their ids, roles and hashes", () => {
    expect(entries.get("clara")).toMatchObject({
      userId: userIdOf("00000000-0000-4000-8000-000000000001"),
      scopes: ["read", "write"],
      password: { kind: "hash", hash: expect.stringMatching(/^\$pbkdf2-sha512\$i=21000,l=64\$/) },
      notices: [],
    });
    expect(entries.get("fanny")).toMatchObject({
      scopes: undefined,
      password: { hash: expect.stringMatching(/^\$argon2id\$v=19\$m=7168,t=5,p=1\$[^=]+$/) },
      notices: [expect.stringContaining("second factor")],
    });
    expect(entries.get("robert")).toMatchObject({
      isDisabled: true,
      password: { hash: expect.stringMatching(/^\$pbkdf2-sha256\$i=2750,l=64\$/) },
    });
  });

  it("does not take a password that was only to be changed", () =>
    expect(entries.get("felix")).toMatchObject({
      password: undefined,
      notices: [expect.stringContaining("to be changed"), expect.stringContaining("VERIFY_EMAIL")],
    }));

  it("may be a file of users alone", async () =>
    expect((await entriesOf(keycloak, '{"realm":"r","users":[{"username":"a"}]}')).get("a")).toMatchObject({
      kind: "user",
      password: undefined,
    }));
});

it("a UUID is the same bytes in our form", () => {
  expect(userIdOf("00000000-0000-4000-8000-000000000001")).toBe("u_AAAAAAAAQACAAAAAAAAAAQ");
  expect(userIdOf("no uuid")).toBeUndefined();
});

describe("clients of Hydra", async () => {
  const entries = await entriesOf(hydra, fixture("hydra-clients.json"));
  const id = (n: number) => `7f1f4f2c-3c0d-4c55-9a53-0c5b1d5a9e0${n}`;

  it("map with the hash of their secret, and tell how an audience is asked for", () =>
    expect(entries.get(id(1))).toMatchObject({
      request: { name: "Library", tokenFormat: "opaque", authMethods: ["client_secret_basic"] },
      secret: { kind: "hash", hash: expect.stringMatching(/^\$pbkdf2-sha256\$i=25000,l=32\$/) },
      notices: [expect.stringContaining("resource=https://api.library.example")],
    }));

  it("map without one, an empty name or empty keys", () => {
    expect(entries.get(id(2))).toMatchObject({
      request: { name: undefined, grantTypes: ["client_credentials"] },
    });
    expect(entries.get(id(4))).toMatchObject({ secret: undefined, request: { jwks: undefined } });
  });

  it("tell what they lose", () =>
    expect(entries.get(id(3))).toMatchObject({
      request: { authMethods: ["none"] },
      notices: [
        expect.stringContaining("pairwise"),
        expect.stringContaining("consent"),
        expect.stringContaining("implicit"),
        expect.stringContaining("id_token"),
      ],
    }));

  it("may be a bare array", async () =>
    expect(
      (await entriesOf(hydra, '[{"client_id":"a","redirect_uris":["https://a.example/"]}]')).get("a"),
    ).toMatchObject({
      kind: "client",
    }));
});

describe("clients of oidc-provider", async () => {
  const entries = await entriesOf(oidcProvider, fixture("oidc-provider-clients.json"));

  it("map by their own names", () => {
    expect(entries.get("shop")).toMatchObject({
      request: { authMethods: ["client_secret_basic"], grantTypes: ["authorization_code", "refresh_token"] },
      scopes: ["openid", "read"],
      secret: { kind: "clear" },
    });
    expect(entries.get("phone")).toMatchObject({
      request: { applicationType: "native", authMethods: ["none"], redirectUris: ["com.example.phone:/cb"] },
      scopes: [],
    });
  });

  it("are refused where they authenticate in another way", () =>
    expect(entries.get("signs-with-secret")).toEqual(refusal("token_endpoint_auth_method")));

  it("are refused with a private key", async () => {
    const client = {
      client_id: "k",
      token_endpoint_auth_method: "private_key_jwt",
      redirect_uris: ["https://k.example/"],
    };
    const jwks = { keys: [{ kty: "EC", crv: "P-256", x: "eA", y: "eQ", d: "ZA" }] };
    const found = await entriesOf(oidcProvider, JSON.stringify([{ ...client, jwks }]));
    expect(found.get("k")).toEqual(refusal("jwks"));
  });
});

describe("our own form", async () => {
  const entries = await entriesOf(dacapo, fixture("dacapo.ndjson"));

  it("keeps hashes apart from secrets, and means admin", () => {
    expect(entries.get("studio")).toMatchObject({ scopes: ["read", "admin"], secret: { kind: "hash" } });
    expect(entries.get("nadia")).toMatchObject({ password: { kind: "hash" }, scopes: ["read", "write"] });
    expect(entries.get("igor")).toMatchObject({ password: { kind: "clear", secret: "igor writes ballets" } });
  });

  it("refuses a line that is none, alone", () => expect(entries.get("line 5")).toEqual(refusal("entry")));

  it("refuses an id that no user can have", async () =>
    expect((await entriesOf(dacapo, '{"user":{"username":"a","user_id":"1"}}')).get("a")).toEqual(
      refusal("user_id"),
    ));
});

describe("a file that is not what it is said to be", () => {
  it.each([
    [keycloak, "[]", "not of this format"],
    [keycloak, '{"clients":[]}', "realm"],
    [hydra, "{}", "not of this format"],
    [oidcProvider, "{}", "array of clients"],
    [oidcProvider, '[{"client_secret": "my secret" oh}]', "no JSON (line 1"],
  ])("%# is refused in a sentence without what it holds", async (format, text, sentence) => {
    const failure = await entriesOf(format, text).catch((error: Error) => error);
    expect(failure).toMatchObject({ name: "CommandError", message: expect.stringContaining(sentence) });
    expect(String(failure)).not.toContain("secret");
  });

  it("says where a line is too long", async () => {
    const long = Readable.from(["{}\n", "x".repeat(1_100_000)]);
    await expect(allOf(dacapo(long, { roles }))).rejects.toThrow("Line 2 is longer than 1 MiB.");
  });
});
