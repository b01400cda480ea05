import { z } from "zod";
import type { AuditRevealEvent } from "../../domain/audit-reveal.ts";
import type { ClosureEvent } from "../../domain/closure/closure.ts";
import type { IdempotencyKeyEvent } from "../../domain/idempotency-key.ts";
import type { LogRestoreEvent } from "../../domain/log-restore.ts";
import type { ProjectionRetryEvent } from "../../domain/projection-retry.ts";
import type { RefusalCountEvent } from "../../domain/refusal-count.ts";
import type { RetentionEvent } from "../../domain/retention/retention.ts";
import type { SigningKeyEvent } from "../../domain/signing-key/signing-key.ts";
import { hash, type SchemasOf, time } from "./values.ts";

const verifyingKey = {
  kid: z.string(),
  algorithm: z.enum(["ES256", "EdDSA", "RS256"]),
  publicJwk: z.record(z.string(), z.string()),
  publishedAt: time,
};

const signingKey = z.strictObject({ ...verifyingKey, sealedPrivateJwk: z.string() });

const keys = z.strictObject({
  next: signingKey,
  active: signingKey,
  activatedAt: time,
  retired: z.array(z.strictObject({ ...verifyingKey, removeAt: time })),
});

const closure = z.strictObject({
  what: z.enum(["user", "client", "session"]),
  id: z.string(),
  epoch: z.int(),
  grants: z.int().nonnegative(),
  completedAt: time,
});

const removed = z.strictObject({ stream: z.string(), revision: z.int(), events: z.int().positive() });

const keyUse = z.strictObject({
  fingerprint: hash,
  nonce: hash,
  keyVersion: z.int().positive(),
  usedAt: time,
});

export const deploymentSchemas: SchemasOf<
  | SigningKeyEvent
  | ProjectionRetryEvent
  | RefusalCountEvent
  | ClosureEvent
  | RetentionEvent
  | AuditRevealEvent
  | LogRestoreEvent
  | IdempotencyKeyEvent
> = {
  "signing_keys.created": { version: 1, schema: z.strictObject({ at: time, keys }) },
  "signing_keys.rotated": { version: 1, schema: z.strictObject({ kid: z.string(), at: time, keys }) },
  "signing_keys.removed": {
    version: 1,
    schema: z.strictObject({ kids: z.array(z.string()), at: time, keys }),
  },
  "signing_keys.replaced": {
    version: 1,
    schema: z.strictObject({ kids: z.array(z.string()), at: time, keys }),
  },
  "projection.retried": {
    version: 1,
    schema: z.strictObject({ stream: z.string().nullable(), at: time }),
  },
  "refusals.counted": {
    version: 1,
    schema: z.strictObject({
      kind: z.string(),
      clientId: z.string().nullable(),
      count: z.int().positive(),
      windowStart: time,
      windowEnd: time,
    }),
  },
  "closure.completed": { version: 1, schema: z.strictObject({ closure }) },
  "retention.applied": {
    version: 1,
    schema: z.strictObject({
      streams: z.array(removed).min(1),
      archive: z.strictObject({ name: z.string(), sha256: hash }),
      at: time,
    }),
  },
  "audit.revealed": {
    version: 1,
    schema: z.strictObject({
      at: time,
      format: z.enum(["ndjson", "csv", "ocsf"]),
      reason: z.string(),
      since: time.nullable(),
      until: time.nullable(),
      after: z.string().nullable(),
      types: z.array(z.string()),
    }),
  },
  "log.restored": {
    version: 1,
    schema: z.strictObject({
      at: time,
      backup: z
        .strictObject({ logId: z.string(), position: z.string().regex(/^\d+$/), madeAt: time })
        .nullable(),
      grantsKept: z.boolean(),
    }),
  },
  "idempotency_key.used": { version: 1, schema: z.strictObject({ use: keyUse }) },
  "idempotency_key.repeated": { version: 1, schema: z.strictObject({ use: keyUse, at: time }) },
};
