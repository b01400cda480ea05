import { describe, expect, it } from "vitest";
import {
  type Client,
  type ClientCommand,
  type ClientEvent,
  clientDecider,
  usesSecret,
} from "../../../domain/client/client.ts";
import { given, refused } from "../../support/given.ts";

const metadata = {
  name: "App",
  type: "confidential",
  applicationType: "web",
  authMethods: ["client_secret_basic"],
  redirectUris: ["https://app.example/callback"],
  grantTypes: ["authorization_code", "refresh_token"],
  scopes: ["read"],
  tokenFormat: "jwt",
  jwks: null,
  jwksUri: null,
  clientUri: null,
  softwareId: null,
} as const;
const first = { kind: "sha256", hash: "first", validUntil: null } as const;
const fresh = { kind: "sha256", hash: "fresh" } as const;
const freshSecret = { ...fresh, validUntil: null };
const details = {
  ...metadata,
  clientId: "app",
  origin: "operator",
  secrets: [first],
  registrationTokenHash: null,
  registeredAt: 1,
} as const;
const app: Client = { ...details, epoch: 0, status: "active" };
const disabled: Client = { ...app, epoch: 1, status: "disabled" };
const registered: ClientEvent = { type: "client.registered", data: { client: app } };
const disabling: ClientEvent = { type: "client.disabled", data: { at: 5, client: disabled } };

describe("a client", () => {
  it("is registered active, at epoch 0", () =>
    given(clientDecider).when({ type: "register", client: details }).then([registered], app));

  it("is registered once", () =>
    given(clientDecider, registered)
      .when({ type: "register", client: details })
      .then([], refused("invalid_request")));

  it("is disabled at a raised epoch, so that every token ends", () =>
    given(clientDecider, registered).when({ type: "disable", now: 5 }).then([disabling], disabled));

  it("is enabled again at that epoch, so that nothing revives (I5)", () => {
    const enabled: Client = { ...disabled, status: "active" };
    given(clientDecider, registered, disabling)
      .when({ type: "enable", now: 9 })
      .then([{ type: "client.enabled", data: { at: 9, client: enabled } }], enabled);
  });

  it("loses its tokens by a raised epoch, and may ask for new ones", () => {
    const after: Client = { ...app, epoch: 1 };
    given(clientDecider, registered)
      .when({ type: "end_tokens", now: 5 })
      .then([{ type: "client.tokens_ended", data: { at: 5, client: after } }], after);
  });

  it("is disabled or enabled only where that changes something", () => {
    given(clientDecider, registered, disabling).when({ type: "disable", now: 9 }).then([], disabled);
    given(clientDecider, registered).when({ type: "enable", now: 9 }).then([], app);
  });

  it.each<ClientCommand>([
    { type: "update", metadata, freshSecret, now: 9 },
    { type: "rotate_secret", secret: fresh, overlap: 0, compromised: false, now: 9 },
    { type: "disable", now: 9 },
    { type: "enable", now: 9 },
    { type: "delete", now: 9 },
    { type: "end_tokens", now: 9 },
  ])("that was deleted or never registered cannot $type", (command) => {
    const deleted: Client = { ...app, epoch: 1, status: "deleted" };
    given(clientDecider).when(command).then([], refused("invalid_request"));
    given(clientDecider, registered, { type: "client.deleted", data: { at: 5, client: deleted } })
      .when(command)
      .then([], refused("invalid_request"));
  });

  it("is deleted for good, its id is never free again", () => {
    const deleted: Client = { ...app, epoch: 1, status: "deleted" };
    const deletion: ClientEvent = { type: "client.deleted", data: { at: 5, client: deleted } };
    given(clientDecider, registered).when({ type: "delete", now: 5 }).then([deletion], deleted);
    given(clientDecider, registered, deletion)
      .when({ type: "register", client: details })
      .then([], refused("invalid_request"));
  });
});

describe("a client's metadata", () => {
  const update = (changes: object): ClientCommand => ({
    type: "update",
    metadata: { ...metadata, ...changes },
    freshSecret,
    now: 9,
  });
  const updated = (client: Client): ClientEvent => ({ type: "client.updated", data: { at: 9, client } });

  it("is replaced, the secret kept", () => {
    const after = { ...app, name: "Renamed" };
    given(clientDecider, registered)
      .when(update({ name: "Renamed" }))
      .then([updated(after)], after);
  });

  it("takes the secrets away from a client that uses none any more", () => {
    const after: Client = { ...app, authMethods: ["private_key_jwt"], secrets: [] };
    given(clientDecider, registered)
      .when(update({ authMethods: ["private_key_jwt"] }))
      .then([updated(after)], after);
  });

  it("brings a secret for a client that needs one now", () => {
    const keyed: Client = { ...app, authMethods: ["private_key_jwt"], secrets: [] };
    const after = { ...app, secrets: [freshSecret] };
    given(clientDecider, updated(keyed))
      .when(update({}))
      .then([updated(after)], after);
  });

  it("brings none for a client that still uses none", () => {
    const keyed: Client = { ...app, authMethods: ["private_key_jwt"], secrets: [] };
    const after: Client = { ...keyed, name: "Renamed" };
    given(clientDecider, updated(keyed))
      .when(update({ authMethods: ["private_key_jwt"], name: "Renamed" }))
      .then([updated(after)], after);
  });

  it("is recorded only where it changes something", () => {
    const keyed: Client = { ...app, authMethods: ["private_key_jwt"], secrets: [] };
    given(clientDecider, registered).when(update({})).then([], app);
    given(clientDecider, updated(keyed))
      .when(update({ authMethods: ["private_key_jwt"] }))
      .then([], keyed);
  });
});

describe("a client's secret", () => {
  const rotate = (compromised: boolean): ClientCommand => ({
    type: "rotate_secret",
    secret: fresh,
    overlap: 100,
    compromised,
    now: 9,
  });
  const rotated = (client: Client, compromised: boolean): ClientEvent => ({
    type: "client.secret_rotated",
    data: { compromised, at: 9, client },
  });

  it("is rotated with an overlap", () => {
    const after: Client = {
      ...app,
      secrets: [
        { ...fresh, validUntil: null },
        { ...first, validUntil: 109 },
      ],
    };
    given(clientDecider, registered)
      .when(rotate(false))
      .then([rotated(after, false)], after);
  });

  it("is cut off at once, with every token, where it was compromised", () => {
    const after: Client = { ...app, epoch: 1, secrets: [{ ...fresh, validUntil: null }] };
    given(clientDecider, registered)
      .when(rotate(true))
      .then([rotated(after, true)], after);
  });

  it("keeps the epoch and the overlap where only its hash is renewed", () => {
    const overlapping: Client = { ...app, secrets: [{ kind: "foreign", hash: "$pbkdf2", validUntil: 109 }] };
    const after: Client = { ...app, secrets: [{ kind: "argon2id", hash: "$argon2id", validUntil: 109 }] };
    const renew = (from: string): ClientCommand => ({
      type: "renew_secret_hash",
      from,
      secret: { kind: "argon2id", hash: "$argon2id" },
      now: 9,
    });
    const had: ClientEvent = { type: "client.registered", data: { client: overlapping } };
    given(clientDecider, had)
      .when(renew("$pbkdf2"))
      .then([{ type: "client.secret_hash_renewed", data: { at: 9, client: after } }], after);
    given(clientDecider, had).when(renew("another")).then([], overlapping);
  });

  it("is not given to a client that uses none", () => {
    const open: Client = { ...app, type: "public", authMethods: ["none"], secrets: [] };
    given(clientDecider, { type: "client.registered", data: { client: open } })
      .when(rotate(false))
      .then([], refused("invalid_client_metadata"));
  });

  it("is used by Basic and post, by nothing else", () => {
    expect(usesSecret(["client_secret_basic"])).toBe(true);
    expect(usesSecret(["private_key_jwt", "client_secret_post"])).toBe(true);
    expect(usesSecret(["none", "private_key_jwt"])).toBe(false);
  });
});
