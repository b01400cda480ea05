import { z } from "zod";

const time = z.iso.datetime();

const text = (description: string) => z.string().describe(description);

const scope = text("Scope tokens separated by spaces");

const next = z
  .string()
  .nullable()
  .describe("What to give as `after` for the next page; null on the last one");

export const userAnswer = z
  .strictObject({
    user_id: z.string(),
    username: z.string().nullable().describe("Null where the person was erased"),
    status: z.enum(["active", "disabled", "erased"]),
    scope,
    created_at: time.nullable().describe("Null where the person was erased"),
  })
  .meta({ id: "User" });

export const usersAnswer = z.strictObject({ users: z.array(userAnswer), next }).meta({ id: "UserPage" });

export const erasureAnswer = z
  .strictObject({
    user_id: z.string(),
    erasure: z
      .enum(["requested", "complete"])
      .describe("`requested`: all is dead, and the store is still to remove the data. `complete`: it did"),
  })
  .meta({ id: "Erasure" });

export const sessionAnswer = z
  .strictObject({
    session_id: z.string(),
    kind: z.enum(["browser", "mcp"]),
    address: z.string().nullable(),
    user_agent: z.string().nullable(),
    client_id: z.string().nullable().describe("The client that opened an MCP session"),
    client_name: z.string().nullable(),
    started_at: time,
    last_seen_at: time,
    expires_at: time,
  })
  .meta({ id: "Session" });

export const sessionsAnswer = z.strictObject({ sessions: z.array(sessionAnswer) }).meta({ id: "Sessions" });

export const appAnswer = z
  .strictObject({
    client_id: z.string(),
    client_name: z.string(),
    scope,
    resources: z.array(z.string()),
    since: time,
    last_used_at: time.describe("When it last got a token"),
  })
  .meta({ id: "App" });

export const appsAnswer = z
  .strictObject({
    apps: z.array(appAnswer),
    complete: z.boolean().describe("False where the user has more living grants than are looked at"),
  })
  .meta({ id: "Apps" });

const secretExpiry = z.strictObject({
  expires_at: time
    .nullable()
    .describe("When a secret that was replaced opens nothing more; null for the current one"),
});

const client = {
  client_id: z.string(),
  client_name: z.string(),
  client_type: z.enum(["public", "confidential"]),
  status: z.enum(["active", "disabled", "deleted"]),
  origin: z.enum(["operator", "self_registered"]).describe("Who vouches for it"),
  redirect_uris: z.array(z.string()),
  token_endpoint_auth_methods: z.array(
    z.enum(["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]),
  ),
  grant_types: z.array(z.enum(["authorization_code", "refresh_token", "client_credentials"])),
  scope,
  application_type: z.enum(["web", "native"]),
  token_format: z.enum(["jwt", "opaque"]),
  jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) }).nullable(),
  jwks_uri: z.string().nullable(),
  client_uri: z.string().nullable(),
  software_id: z.string().nullable(),
  client_secrets: z.array(secretExpiry).describe("The secrets that open now, the current one first"),
  created_at: time,
};

const secret = text("Shown this once, and kept only as a hash");

export const clientAnswer = z.strictObject(client).meta({ id: "Client" });

export const clientsAnswer = z
  .strictObject({ clients: z.array(clientAnswer), next })
  .meta({ id: "ClientPage" });

export const writtenClientAnswer = z
  .strictObject({
    ...client,
    client_secret: secret.nullable().describe("A new secret, shown this once; null where it got none"),
  })
  .meta({ id: "WrittenClient" });

export const clientSecretAnswer = z
  .strictObject({
    client_id: z.string(),
    client_secret: secret,
    old_secret_expires_at: time.nullable().describe("Null where the old secret is dead already"),
  })
  .meta({ id: "ClientSecret" });

export const grantAnswer = z
  .strictObject({
    grant_id: z.string(),
    client_id: z.string(),
    user_id: z.string().nullable().describe("Null where the client acts for itself"),
    session_id: z.string().nullable().describe("The session whose end on purpose ends the grant"),
    status: z
      .enum(["pending", "active", "ended", "expired"])
      .describe("`pending`: its code was not redeemed yet. `expired`: its last token has died by itself"),
    ended_because: z
      .enum([
        ...["code_replayed", "refresh_token_reused", "client_request", "user_request", "operator"],
        ...["user_ended", "client_ended", "session_ended"],
      ] as const)
      .nullable()
      .describe("Null too where its user, client or session ended and its own events do not say so yet"),
    scope,
    resources: z.array(z.string()),
    can_refresh: z.boolean(),
    authorized_at: time,
    last_issued_at: time.nullable().describe("When it last gave a refresh token"),
    ended_at: time.nullable(),
    expires_at: time.describe("No token of it lives longer"),
  })
  .meta({ id: "Grant" });

export const grantsAnswer = z.strictObject({ grants: z.array(grantAnswer), next }).meta({ id: "GrantPage" });

const resource = {
  resource_id: z.string().describe("With its secret, the credentials for introspection"),
  uri: z.string(),
  name: z.string(),
  status: z.enum(["active", "disabled"]),
  scope,
  default: z.boolean().describe("Whether a token asked for without `resource` is for it too"),
  resource_secrets: z.array(secretExpiry).describe("The secrets that open now, the current one first"),
  created_at: time,
};

export const resourceAnswer = z.strictObject(resource).meta({ id: "ProtectedResource" });

export const resourcesAnswer = z
  .strictObject({ resources: z.array(resourceAnswer), next })
  .meta({ id: "ProtectedResourcePage" });

export const writtenResourceAnswer = z
  .strictObject({ ...resource, resource_secret: secret })
  .meta({ id: "WrittenProtectedResource" });

export const resourceSecretAnswer = z
  .strictObject({
    resource_id: z.string(),
    resource_secret: secret,
    old_secret_expires_at: time.nullable().describe("Null where the old secret is dead already"),
  })
  .meta({ id: "ProtectedResourceSecret" });

export const keyAnswer = z
  .strictObject({
    key_id: z.string().describe("Its JWK thumbprint (RFC 7638)"),
    algorithm: z.enum(["ES256", "EdDSA", "RS256"]),
    status: z
      .enum(["next", "active", "retired"])
      .describe("`next` is published and will sign, `active` signs, `retired` still verifies"),
    published_at: time,
    activated_at: time.nullable().describe("When it began to sign; told of the active key"),
    remove_at: time.nullable().describe("When the last token of a retired key is dead"),
    public_jwk: z.record(z.string(), z.string()),
  })
  .meta({ id: "SigningKey" });

export const keysAnswer = z.strictObject({ keys: z.array(keyAnswer) }).meta({ id: "SigningKeys" });
