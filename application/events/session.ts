import { z } from "zod";
import type { SessionEvent } from "../../domain/session/session.ts";
import { hash, type SchemasOf, scope, time } from "./values.ts";

const session = z.strictObject({
  sessionId: z.string(),
  userId: z.string(),
  userEpoch: z.int(),
  kind: z.enum(["browser", "mcp"]),
  openedBy: z
    .strictObject({ grantId: z.string(), clientId: z.string(), revision: z.int(), scope })
    .nullable(),
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

interface SessionOfVersion1 {
  readonly [member: string]: unknown;
}

/** Version 1 knew browser sign-ins only. */
function fromVersion1(data: unknown): unknown {
  const { session, sessions, ...rest } = data as {
    readonly session: SessionOfVersion1;
    readonly sessions: { readonly live: readonly SessionOfVersion1[] };
  };
  const opened = (old: SessionOfVersion1) => ({ ...old, openedBy: null });
  return { ...rest, session: opened(session), sessions: { ...sessions, live: sessions.live.map(opened) } };
}

const upcasts = { 1: fromVersion1 };

export const sessionSchemas: SchemasOf<SessionEvent> = {
  "session.started": { version: 2, schema: z.strictObject({ session, sessions }), upcasts },
  "session.slid": { version: 2, schema: z.strictObject({ session, sessions }), upcasts },
  "session.ended": {
    version: 2,
    schema: z.strictObject({
      session,
      reason: z.enum([
        "closed",
        "signed_out",
        "ended_by_user",
        "ended_by_operator",
        "expired",
        "evicted",
        "replaced",
      ]),
      endedAt: time,
      sessions,
    }),
    upcasts,
  },
};
