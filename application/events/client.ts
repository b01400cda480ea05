import { z } from "zod";
import type { AssertionEvent } from "../../domain/client/assertion.ts";
import type { ClientEvent } from "../../domain/client/client.ts";
import type { ConsentEvent } from "../../domain/consent/consent.ts";
import type { ResourceEvent } from "../../domain/resource/resource.ts";
import { hash, type SchemasOf, scope, time } from "./values.ts";

const secrets = z.array(
  z.strictObject({ kind: z.enum(["sha256", "argon2id"]), hash: z.string(), validUntil: time.nullable() }),
);

const clientSecrets = z.array(
  z.strictObject({
    kind: z.enum(["sha256", "argon2id", "foreign"]),
    hash: z.string(),
    validUntil: time.nullable(),
  }),
);

const client = z.strictObject({
  clientId: z.string(),
  name: z.string(),
  type: z.enum(["public", "confidential"]),
  applicationType: z.enum(["web", "native"]),
  authMethods: z.array(z.enum(["none", "client_secret_basic", "client_secret_post", "private_key_jwt"])),
  redirectUris: z.array(z.string()),
  grantTypes: z.array(z.enum(["authorization_code", "refresh_token", "client_credentials"])),
  scopes: scope,
  tokenFormat: z.enum(["jwt", "opaque"]),
  jwks: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) }).nullable(),
  jwksUri: z.string().nullable(),
  clientUri: z.string().nullable(),
  softwareId: z.string().nullable(),
  origin: z.enum(["operator", "self_registered"]),
  secrets: clientSecrets,
  registrationTokenHash: hash.nullable(),
  epoch: z.int(),
  status: z.enum(["active", "disabled", "deleted"]),
  registeredAt: time,
});

const resource = z.strictObject({
  resourceId: z.string(),
  uri: z.string(),
  name: z.string(),
  scopes: scope,
  isDefault: z.boolean(),
  secrets,
  status: z.enum(["active", "disabled"]),
  registeredAt: time,
});

const consentTerms = z.strictObject({ redirectUri: z.string(), audience: z.array(z.string()), scope });

const consent = z.strictObject({ userId: z.string(), clientId: z.string(), given: z.array(consentTerms) });

const clientChanged = z.strictObject({ at: time, client });
const resourceChanged = z.strictObject({ at: time, resource });

export const clientSchemas: SchemasOf<ClientEvent | AssertionEvent | ResourceEvent | ConsentEvent> = {
  "client.registered": { version: 1, schema: z.strictObject({ client }) },
  "client.updated": { version: 1, schema: clientChanged },
  "client.secret_rotated": {
    version: 1,
    schema: z.strictObject({ compromised: z.boolean(), at: time, client }),
  },
  "client.secret_hash_renewed": { version: 1, schema: clientChanged },
  "client.disabled": { version: 1, schema: clientChanged },
  "client.enabled": { version: 1, schema: clientChanged },
  "client.deleted": { version: 1, schema: clientChanged },
  "client.tokens_ended": { version: 1, schema: clientChanged },
  "client.assertion.used": {
    version: 1,
    schema: z.strictObject({ assertion: z.strictObject({ clientId: z.string(), expiresAt: time }) }),
  },
  "resource.registered": { version: 1, schema: z.strictObject({ resource }) },
  "resource.secret_rotated": { version: 1, schema: resourceChanged },
  "resource.disabled": { version: 1, schema: resourceChanged },
  "resource.enabled": { version: 1, schema: resourceChanged },
  "consent.given": { version: 1, schema: z.strictObject({ terms: consentTerms, at: time, consent }) },
  "consent.withdrawn": { version: 1, schema: z.strictObject({ at: time, consent }) },
};
