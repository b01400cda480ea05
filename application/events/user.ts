import { z } from "zod";
import type { SubjectKeyEvent } from "../../domain/user/subject-key.ts";
import type { UserEvent } from "../../domain/user/user.ts";
import type { UsernameEvent } from "../../domain/user/username.ts";
import { hash, type SchemasOf, scope, time } from "./values.ts";

const user = z.strictObject({
  userId: z.string(),
  username: z.string(),
  usernameIndex: hash,
  passwordHash: z.string().startsWith("$argon2id$"),
  scopes: scope,
  epoch: z.int(),
  status: z.enum(["active", "disabled"]),
  registeredAt: time,
});

const changed = z.strictObject({ user, at: time });

export const userSchemas: SchemasOf<UserEvent | UsernameEvent | SubjectKeyEvent> = {
  "user.registered": { version: 1, schema: z.strictObject({ user }) },
  "user.password_changed": { version: 1, schema: changed },
  "user.scopes_changed": { version: 1, schema: changed },
  "user.disabled": { version: 1, schema: changed },
  "user.enabled": { version: 1, schema: changed },
  "user.signed_out_everywhere": { version: 1, schema: changed },
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
