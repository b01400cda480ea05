import { consentDecider } from "../../domain/consent/consent.ts";
import type { GrantCommand } from "../../domain/grant/commands.ts";
import { grantDecider } from "../../domain/grant/decide.ts";
import type { RevocationReason } from "../../domain/grant/grant.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import { type SessionCommand, sessionDecider } from "../../domain/session/decide.ts";
import type { Context } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { concurrently } from "../jobs/concurrently.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { grantsOf } from "../queries/account.ts";
import type { SessionOrigin } from "../session-origin.ts";
import { streams } from "../streams.ts";
import type { SignedIn } from "./authorize.ts";
import { confirmVisible } from "./confirm.ts";
import { setPassword } from "./manage-users.ts";
import { isRemembered, type StartedSession, startSession } from "./sign-in.ts";

/** Who ends what is a person's: that person, or an administrator. */
export type EndedBy = "user" | "operator";

/** Grants that are ended at once. */
const atOnce = 8;

/**
 * Ends one session of a user on purpose, and with it the tokens that are bound to it; one that is over is no error.
 * @throws {Unavailable} where that is not visible in time
 */
export async function endSessionOf(
  context: Context,
  userId: string,
  sessionId: string,
  by: EndedBy,
  metadata: EventMetadata,
): Promise<void> {
  const { handle, clock } = context;
  const { position } = await handle({
    stream: streams.sessions(userId),
    decider: sessionDecider,
    command: (): SessionCommand => ({ type: "end", sessionId, reason: `ended_by_${by}`, now: clock.now() }),
    metadata,
  });
  await confirmVisible(context, position);
}

/**
 * Disconnects an application from a user: its consent is withdrawn, and all its grants end.
 * @throws {Unavailable} where that is not visible in time, or some are left: repeating it goes on
 */
export async function disconnectApp(
  context: Context,
  userId: string,
  clientId: string,
  by: EndedBy,
  metadata: EventMetadata,
): Promise<void> {
  const { handle, clock } = context;
  const reason: RevocationReason = by === "user" ? "user_request" : "operator";
  // First, so that nothing more is given without asking.
  let { position } = await handle({
    stream: streams.consent(userId, clientId),
    decider: consentDecider,
    command: () => ({ type: "withdraw" as const, userId, clientId, now: clock.now() }),
    metadata,
  });
  const grants = (await grantsOf(context, userId)).filter((grant) => grant.clientId === clientId);
  const never = new AbortController().signal;
  await concurrently(grants, atOnce, never, async ({ grantId }) => {
    const ended = await handle({
      stream: streams.grant(grantId),
      decider: grantDecider,
      command: (): GrantCommand => ({
        type: "revoke",
        clientId: undefined,
        presented: undefined,
        reason,
        now: clock.now(),
      }),
      metadata,
    });
    if (ended.position > position) position = ended.position;
  });
  await confirmVisible(context, position);
}

/**
 * Changes the password of who is signed in. Every other session, and every token, is dead when this returns; this browser
 * goes on with a new session.
 * @throws {RefusedError} where the present password is wrong, or the new one is none that is taken
 */
export async function changeOwnPassword(
  context: Context,
  { user, session }: SignedIn,
  passwords: { readonly present: string; readonly wanted: string },
  origin: SessionOrigin,
  metadata: EventMetadata,
): Promise<StartedSession> {
  const hash = user.status === "erased" ? undefined : user.passwordHash;
  if (!(await context.passwords.verify(passwords.present, hash)))
    throw new RefusedError(refusal("access_denied", "The present password is wrong"));
  const changed = await setPassword(context, user.userId, passwords.wanted, metadata);
  const rememberMe = isRemembered(session);
  return await startSession(context, changed, { rememberMe, origin, replaces: undefined }, metadata);
}
