import { z } from "zod";
import type { GrantEvent } from "../../domain/grant/grant.ts";
import { hash, type SchemasOf, scope, time } from "./values.ts";

const terms = {
  grantId: z.string(),
  clientId: z.string(),
  clientEpoch: z.int(),
  userId: z.string().nullable(),
  userEpoch: z.int().nullable(),
  sessionId: z.string().nullable(),
  scope,
  audience: z.array(z.string()),
  authenticatedAt: time.nullable(),
  authorizedAt: time,
  expiresAt: time,
};

const accessToken = z.strictObject({
  revision: z.int(),
  hash,
  scope,
  audience: z.array(z.string()),
  issuedAt: time,
  expiresAt: time,
});

const pending = z.strictObject({
  status: z.literal("pending"),
  ...terms,
  code: z.strictObject({ hash, challenge: z.string().nullable(), redirectUri: z.string(), expiresAt: time }),
});

const active = z.strictObject({
  status: z.literal("active"),
  ...terms,
  refreshToken: z.strictObject({ revision: z.int(), hash, issuedAt: time, expiresAt: time }).nullable(),
  spent: z
    .strictObject({ revision: z.int(), nonce: z.string(), keyVersion: z.int(), repeats: z.int() })
    .nullable(),
  accessTokens: z.array(z.strictObject({ revision: z.int(), hash, expiresAt: time })),
  revoked: z.strictObject({ revisions: z.array(z.int()), throughRevision: z.int() }),
  lastsUntil: time,
});

const ended = z.strictObject({
  status: z.literal("ended"),
  ...terms,
  reason: z.enum([
    "code_replayed",
    "refresh_token_reused",
    "client_request",
    "user_request",
    "operator",
    "user_ended",
    "client_ended",
    "session_ended",
  ]),
  endedAt: time,
  lastsUntil: time,
});

const issued = z.strictObject({ accessToken, grant: active });

export const grantSchemas: SchemasOf<GrantEvent> = {
  "grant.authorized": { version: 1, schema: z.strictObject({ grant: pending }) },
  "grant.client_credentials.issued": { version: 1, schema: issued },
  "grant.code.redeemed": { version: 1, schema: issued },
  "grant.refresh_token.rotated": { version: 1, schema: issued },
  "grant.refresh_token.repeated": { version: 1, schema: issued },
  "grant.access_token.revoked": {
    version: 1,
    schema: z.strictObject({ revision: z.int(), at: time, grant: active }),
  },
  "grant.code.replayed": { version: 1, schema: z.strictObject({ at: time, grant: active }) },
  "grant.refresh_token.reused": {
    version: 1,
    schema: z.strictObject({ revision: z.int(), at: time, grant: active }),
  },
  // Version 1 did not know the reason `user_request`.
  "grant.revoked": { version: 2, schema: z.strictObject({ grant: ended }), upcasts: { 1: (data) => data } },
};
