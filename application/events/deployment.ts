import { z } from "zod";
import type { RefusalCountEvent } from "../../domain/refusal-count.ts";
import type { SigningKeyEvent } from "../../domain/signing-key/signing-key.ts";
import { type SchemasOf, time } from "./values.ts";

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

export const deploymentSchemas: SchemasOf<SigningKeyEvent | RefusalCountEvent> = {
  "signing_keys.created": { version: 1, schema: z.strictObject({ at: time, keys }) },
  "signing_keys.rotated": { version: 1, schema: z.strictObject({ kid: z.string(), at: time, keys }) },
  "signing_keys.removed": {
    version: 1,
    schema: z.strictObject({ kids: z.array(z.string()), at: time, keys }),
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
};
