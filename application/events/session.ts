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
  origin: z.string().nullable(),
  remembered: z.boolean(),
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

type OldSession = Readonly<Record<string, unknown>>;

/** Gives every session of an event what a newer version says of it. */
const eachWith = (added: (old: OldSession) => OldSession) => (data: unknown) => {
  const { session, sessions, ...rest } = data as {
    readonly session: OldSession;
    readonly sessions: { readonly live: readonly OldSession[] };
  };
  const today = (old: OldSession): OldSession => ({ ...old, ...added(old) });
  return { ...rest, session: today(session), sessions: { ...sessions, live: sessions.live.map(today) } };
};

/** Version 1 knew browser sign-ins only; version 2 nothing of where a session was opened, nor in words that it was remembered. */
const upcasts = {
  1: eachWith(() => ({ openedBy: null })),
  2: eachWith((old) => ({ origin: null, remembered: old.expiresAt === old.absoluteExpiresAt })),
};

export const sessionSchemas: SchemasOf<SessionEvent> = {
  "session.started": { version: 3, schema: z.strictObject({ session, sessions }), upcasts },
  "session.slid": { version: 3, schema: z.strictObject({ session, sessions }), upcasts },
  "session.ended": {
    version: 3,
    schema: z.strictObject({
      session,
      reason: z.enum([
        "closed",
        "signed_out",
        "ended_by_user",
        "ended_by_operator",
        "ended_everywhere",
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
