import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eraseUser } from "../../../application/commands/erase-user.ts";
import type { Entry, ImportedClient, ImportedUser } from "../../../application/commands/import/entry.ts";
import { importAll } from "../../../application/commands/import/import-all.ts";
import { createEphemeralErasureList } from "../../../infrastructure/archive/erasure-list.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { operator } from "../../support/signed-in.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const ordinary = { isDryRun: false, makesSecrets: false, clientScopes: undefined, userScopes: ["read"] };

async function importing(entries: readonly Entry[], options: Partial<typeof ordinary> = {}) {
  async function* all() {
    yield* entries;
  }
  const outcomes = [];
  for await (const outcome of importAll(server.runtime.context, all(), { ...ordinary, ...options }, operator))
    outcomes.push(outcome);
  return outcomes;
}

const user = (id: string, more: Partial<ImportedUser> = {}): ImportedUser => ({
  kind: "user",
  id,
  userId: undefined,
  password: { kind: "clear", secret: "a password" },
  scopes: undefined,
  isDisabled: false,
  notices: [],
  ...more,
});

const client = (id: string, more: Partial<ImportedClient> = {}): ImportedClient => ({
  kind: "client",
  id,
  request: { name: id, redirectUris: ["https://client.example/callback"] },
  scopes: ["read"],
  secret: { kind: "clear", secret: "a secret that is long enough for us" },
  isDisabled: false,
  notices: [],
  ...more,
});

/** An id that a user may have. */
const userId = (letter: string) => `u_${letter.repeat(22)}`;

describe("an import", () => {
  it("records nothing where it is dry", async () => {
    const events = await server.eventsOf(async () => {
      const outcomes = await importing([user("dry"), client("dry")], { isDryRun: true });
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(["imported", "imported"]);
    });
    expect(events).toEqual([]);
  });

  it("records each user and client once, also where a file names one twice", async () => {
    const twice = [user("Otto"), client("otto"), user(" otto "), client("otto")];
    const events = await server.eventsOf(async () => {
      const outcomes = await importing(twice);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual([
        "imported",
        "imported",
        "already there",
        "already there",
      ]);
    });
    expect(events.toSorted()).toEqual([
      "client.registered",
      "subject_key.created",
      "user.registered",
      "username.reserved",
    ]);
  });

  it("hashes more passwords than may wait at once", async () => {
    const many = Array.from({ length: 150 }, (_, index) => user(`many ${index}`));
    const outcomes = await importing(many);
    expect(outcomes.filter(({ outcome }) => outcome === "imported")).toHaveLength(150);
  });

  it("keeps the order of the file", async () => {
    const outcomes = await importing([user("z"), client("y"), user("x")], { isDryRun: true });
    expect(outcomes.map(({ id }) => id)).toEqual(["z", "y", "x"]);
  });

  it("gives no two people one id, and none the id of somebody who was erased", async () => {
    const { context, store } = server.runtime;
    await importing([user("first", { userId: userId("a") }), user("gone", { userId: userId("b") })]);
    const dependencies = { ...context, store, erasureList: createEphemeralErasureList() };
    await eraseUser({ ...dependencies, keepLeaves: async () => true }, userId("b"), operator);
    const events = await server.eventsOf(async () => {
      const outcomes = await importing([
        user("second", { userId: userId("a") }),
        user("third", { userId: userId("b") }),
      ]);
      expect(outcomes).toMatchObject([
        { outcome: "refused", field: "id" },
        { outcome: "refused", field: "id" },
      ]);
    });
    expect(events).toEqual([]);
  });

  it.each<[string, Partial<ImportedClient> & { readonly id: string }]>([
    ["client_id", { id: "u_a" }],
    ["client_id", { id: "https://client.example/" }],
    ["scope", { id: "r1", scopes: ["openid"] }],
    ["client_secret", { id: "r2", secret: undefined }],
    ["client_secret", { id: "r3", secret: { kind: "clear", secret: "short" } }],
    ["client_secret", { id: "r4", secret: { kind: "hash", hash: "$2b$31$" } }],
    ["redirect_uris", { id: "r5", request: { redirectUris: ["http://client.example/"] } }],
    [
      "token_endpoint_auth_method",
      { id: "r6", request: { redirectUris: [], authMethods: ["tls_client_auth"] } },
    ],
    ["grant_types", { id: "r7", request: { redirectUris: [], grantTypes: ["refresh_token"] } }],
    ["jwks", { id: "r8", request: { redirectUris: [], authMethods: ["private_key_jwt"] } }],
  ])("refuses a client by %s: %o", async (field, { id, ...more }) =>
    expect(await importing([client(id, more)])).toMatchObject([{ outcome: "refused", field }]),
  );

  it.each<[string, Partial<ImportedUser> & { readonly id: string }]>([
    ["username", { id: " " }],
    ["username", { id: "x".repeat(129) }],
    ["scopes", { id: "r9", scopes: ["fly"] }],
  ])("refuses a user by %s: %o", async (field, { id, ...more }) =>
    expect(await importing([user(id, more)])).toMatchObject([{ outcome: "refused", field }]),
  );

  it("makes a secret where it may and must, and no other", async () => {
    const outcomes = await importing([client("made", { secret: undefined }), client("kept")], {
      makesSecrets: true,
    });
    expect(outcomes).toMatchObject([{ secret: expect.stringMatching(/^[\w-]{43}$/) }, { id: "kept" }]);
    expect(outcomes[1]).not.toHaveProperty("secret");
  });
});
