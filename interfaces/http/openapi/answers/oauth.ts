import { z } from "zod";

export const tokenAnswer = z
  .strictObject({
    access_token: z.string(),
    token_type: z.literal("Bearer"),
    expires_in: z.int().describe("Seconds"),
    scope: z.string(),
    refresh_token: z.string().optional(),
  })
  .meta({ id: "TokenResponse" });

export const introspectionAnswer = z
  .union([
    z.strictObject({ active: z.literal(false) }),
    z.strictObject({
      active: z.literal(true),
      scope: z.string(),
      client_id: z.string(),
      sub: z.string(),
      iss: z.string(),
      iat: z.int(),
      exp: z.int(),
      aud: z.union([z.string(), z.array(z.string())]).optional(),
      jti: z.string().optional(),
      token_type: z.literal("Bearer").optional(),
      auth_time: z.int().optional(),
      sid: z.string().optional(),
    }),
  ])
  .meta({ id: "IntrospectionResponse" });

export const clientInformationAnswer = z
  .strictObject({
    client_id: z.string(),
    client_id_issued_at: z.int(),
    client_secret: z.string().optional(),
    client_secret_expires_at: z.int().optional(),
    registration_access_token: z.string(),
    registration_client_uri: z.string(),
    client_name: z.string(),
    redirect_uris: z.array(z.string()),
    token_endpoint_auth_method: z.string(),
    grant_types: z.array(z.string()),
    response_types: z.array(z.string()),
    scope: z.string(),
    application_type: z.enum(["web", "native"]),
    jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) }).optional(),
    jwks_uri: z.string().optional(),
    client_uri: z.string().optional(),
    software_id: z.string().optional(),
  })
  .meta({ id: "ClientInformation" });

export const operatorsClientAnswer = z
  .strictObject({
    client_id: z.string(),
    client_secret: z.string().nullable(),
    client_type: z.enum(["public", "confidential"]),
    client_name: z.string(),
    redirect_uris: z.array(z.string()),
    scope: z.string(),
  })
  .meta({ id: "OperatorsClient" });

export const serverMetadataAnswer = z
  .looseObject({
    issuer: z.string(),
    authorization_endpoint: z.string(),
    token_endpoint: z.string(),
    jwks_uri: z.string(),
    scopes_supported: z.array(z.string()),
    code_challenge_methods_supported: z.array(z.string()),
  })
  .meta({ id: "ServerMetadata" });

export const keySetAnswer = z
  .strictObject({ keys: z.array(z.record(z.string(), z.string())) })
  .meta({ id: "KeySet" });

export const serviceAnswer = z
  .strictObject({
    service: z.literal("dacapo"),
    version: z.string(),
    endpoints: z.record(z.string(), z.string()),
  })
  .meta({ id: "Service" });

export const aliveAnswer = z.strictObject({ status: z.literal("alive") }).meta({ id: "Alive" });

export const readyAnswer = z.strictObject({ status: z.literal("ready") }).meta({ id: "Ready" });

export const notReadyAnswer = z
  .strictObject({ status: z.literal("not ready"), reasons: z.array(z.string()) })
  .meta({ id: "NotReady" });
