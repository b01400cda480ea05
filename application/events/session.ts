import { z } from "zod";
import type { SessionEvent } from "../../domain/session/session.ts";
import { hash, type SchemasOf, time } from "./values.ts";

const session = z.strictObject({
  sessionId: z.string(),
  userId: z.string(),
  userEpoch: z.int(),
  kind: z.enum(["browser", "mcp"]),
  secretHash: hash,
  startedAt: time,
  authenticatedAt: time,
  lastSeenAt: time,
  expiresAt: time,
  absoluteExpiresAt: time,
});

const sessions = z.strictObject({
  live: z.array(session),
  endedOnPurpose: z.array(z.strictObject({ sessionId: z.string(), startedAt: time })),
  endedThrough: time,
});

export const sessionSchemas: SchemasOf<SessionEvent> = {
  "session.started": { version: 1, schema: z.strictObject({ session, sessions }) },
  "session.slid": { version: 1, schema: z.strictObject({ session, sessions }) },
  "session.ended": {
    version: 1,
    schema: z.strictObject({
      session,
      reason: z.enum(["signed_out", "ended_by_user", "ended_by_operator", "expired", "evicted", "replaced"]),
      endedAt: time,
      sessions,
    }),
  },
};
