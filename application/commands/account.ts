import { consentDecider } from "../../domain/consent/consent.ts";
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
import { endGrant } from "./revoke-grant.ts";
import { type StartedSession, startSession } from "./sign-in.ts";

/** Who ends what is a person's: that person, or an administrator. */
export type EndedBy = "user" | "operator";

/** Grants that are ended at once. */
const atOnce = 8;

/**
 * Ends one session of a user on purpose, and with it the tokens that are bound to it; says whether it was open.
 * @throws {Unavailable} where the end is not visible in time
 */
export async function endSessionOf(
  context: Context,
  userId: string,
  sessionId: string,
  by: EndedBy,
  metadata: EventMetadata,
): Promise<boolean> {
  const { handle, clock } = context;
  let wasOpen = false;
  const { position } = await handle({
    stream: streams.sessions(userId),
    decider: sessionDecider,
    command: ({ live }): SessionCommand => {
      wasOpen = live.some((session) => session.sessionId === sessionId);
      return { type: "end", sessionId, reason: `ended_by_${by}`, now: clock.now() };
    },
    metadata,
  });
  await confirmVisible(context, position);
  return wasOpen;
}

/**
 * Disconnects an application from a user: its consent is withdrawn, so that codes which are under way open nothing, and all
 * its grants end. Costs as many appends as it has grants of this user that have not ended.
 * @throws {Unavailable} where that is not visible in time, or some are left: repeating it goes on
 */
export async function disconnectApp(
  context: Context,
  userId: string,
  clientId: string,
  by: EndedBy,
  metadata: EventMetadata,
): Promise<void> {
  const { handle, clock, log } = context;
  const reason: RevocationReason = by === "user" ? "user_request" : "operator";
  await handle({
    stream: streams.consent(userId, clientId),
    decider: consentDecider,
    command: () => ({ type: "withdraw" as const, userId, clientId, now: clock.now() }),
    metadata,
  });
  // Every grant that began before must be in the list.
  let last = await log.end();
  await confirmVisible(context, last);
  const never = new AbortController().signal;
  for await (const page of grantsOf(context, userId)) {
    const own = page.filter((grant) => grant.clientId === clientId);
    await concurrently(own, atOnce, never, async ({ grantId }) => {
      const position = await endGrant(context, grantId, reason, metadata);
      if (position > last) last = position;
    });
  }
  await confirmVisible(context, last);
}

/**
 * Changes the password of who is signed in. Every other session, and every token, is dead when this returns; this browser
 * goes on with a new session.
 * @throws {RefusedError} where the present password is wrong or was changed meanwhile, or the new one is none that is taken
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
  const changed = await setPassword(context, user.userId, passwords.wanted, metadata, user.epoch);
  const { remembered } = session;
  return await startSession(
    context,
    changed,
    { rememberMe: remembered, origin, replaces: undefined },
    metadata,
  );
}
