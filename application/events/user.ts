import { z } from "zod";
import type { ErasureEvent } from "../../domain/erasure/erasure.ts";
import type { SubjectKeyEvent } from "../../domain/user/subject-key.ts";
import type { UserEvent } from "../../domain/user/user.ts";
import type { UsernameEvent } from "../../domain/user/username.ts";
import { hash, type SchemasOf, scope, time } from "./values.ts";

const user = z.strictObject({
  userId: z.string(),
  username: z.string(),
  usernameIndex: hash,
  passwordHash: z.string().regex(/^\$(?:argon2(?:id|i|d)|pbkdf2-sha(?:1|256|512)|2[aby])\$/),
  scopes: scope,
  epoch: z.int(),
  status: z.enum(["active", "disabled"]),
  registeredAt: time,
});

const erasedUser = z.strictObject({
  userId: z.string(),
  scopes: scope,
  epoch: z.int(),
  status: z.literal("erased"),
  erasedAt: time,
});

const erasure = z.strictObject({
  erasure: z.strictObject({
    user: erasedUser,
    removed: z.array(z.strictObject({ stream: z.string(), revision: z.int() })),
    reservation: z.string().nullable(),
    positions: z.array(z.string().regex(/^\d+$/)),
    completedAt: time.nullable(),
  }),
});

const changed = z.strictObject({ user, at: time });

export const userSchemas: SchemasOf<UserEvent | UsernameEvent | SubjectKeyEvent | ErasureEvent> = {
  "user.registered": { version: 1, schema: z.strictObject({ user }) },
  "user.password_changed": { version: 1, schema: changed },
  "user.password_hash_renewed": { version: 1, schema: changed },
  "user.scopes_changed": { version: 1, schema: changed },
  "user.disabled": { version: 1, schema: changed },
  "user.enabled": { version: 1, schema: changed },
  "user.signed_out_everywhere": { version: 1, schema: changed },
  "user.erased": { version: 1, schema: z.strictObject({ user: erasedUser, at: time }) },
  "erasure.requested": { version: 1, schema: erasure },
  "erasure.completed": { version: 1, schema: erasure },
  "username.reserved": {
    version: 1,
    schema: z.strictObject({ reservation: z.strictObject({ userId: z.string(), reservedAt: time }) }),
  },
  "subject_key.created": {
    version: 1,
    schema: z.strictObject({
      subjectKey: z.strictObject({ userId: z.string(), wrappedKey: z.string(), createdAt: time }),
    }),
  },
};
