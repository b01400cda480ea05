import { constantTimeEqual, sha256 } from "../../domain/oauth/hash.ts";
import { formatSessionToken, parseSessionToken } from "../../domain/oauth/token-forms.ts";
import {
  isExpired,
  isSlideDue,
  type SessionCommand,
  type SessionPolicy,
  sessionDecider,
} from "../../domain/session/decide.ts";
import type { SessionEndReason } from "../../domain/session/session.ts";
import type { User } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import type { Policy } from "../policy.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { findUser } from "../queries/users.ts";
import { movedOrigin, type SessionOrigin, sealOrigin } from "../session-origin.ts";
import { streams } from "../streams.ts";
import type { SignedIn } from "./authorize.ts";
import { confirmVisible } from "./confirm.ts";
import { renewPasswordHash } from "./renew-hash.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly rememberMe: boolean;
  readonly origin: SessionOrigin;
  /** Who the same browser was signed in as: that session ends, its tokens live on. */
  readonly replaces?: SignedIn | undefined;
}

const policyOf = ({ sessions }: Policy, rememberMe: boolean): SessionPolicy =>
  rememberMe
    ? { ...sessions, ttl: sessions.rememberedLifetime, absoluteLifetime: sessions.rememberedLifetime }
    : sessions;

/** What a session cookie is to hold, and when it is to be forgotten; with the browser where undefined. */
export interface StartedSession {
  readonly cookie: string;
  readonly expiresAt: number | undefined;
}

/** Why nobody was signed in; for the operator's log only. */
export interface RefusedSignIn {
  readonly refused: string;
}

/**
 * Signs a person in: a new session, and what its cookie is to hold. Refused where name and password do not fit; an
 * unknown name takes as long as a wrong password.
 */
export async function signIn(
  context: Context,
  { username, password, rememberMe, replaces, origin }: Credentials,
  metadata: EventMetadata,
): Promise<StartedSession | RefusedSignIn> {
  const found = await findUser(context, username);
  const user = found?.status === "erased" ? undefined : found;
  // Whose account is disabled is told neither that the password is right, nor by how long the answer takes.
  const known = user?.status === "active" ? user.passwordHash : undefined;
  const isRight = await context.passwords.verify(password, known);
  if (!user) return { refused: "there is no such user" };
  if (user.status !== "active") return { refused: `user ${user.userId} is ${user.status}` };
  if (!isRight) return { refused: `the password of user ${user.userId} is another` };
  await renewPasswordHash(context, user, password, metadata);
  const isSamePerson = replaces?.user.userId === user.userId;
  if (replaces && !isSamePerson) await endSession(context, replaces, "replaced", metadata);
  return await startSession(
    context,
    user,
    { rememberMe, origin, replaces: isSamePerson ? replaces?.session.sessionId : undefined },
    metadata,
  );
}

/** Starts a browser session of somebody whose password was right. */
export async function startSession(
  context: Context,
  { userId, epoch }: User,
  opening: Pick<Credentials, "rememberMe" | "origin"> & { readonly replaces: string | undefined },
  metadata: EventMetadata,
): Promise<StartedSession> {
  const { handle, secrets, clock, policy, visibility } = context;
  const sessionId = secrets.newId();
  const secret = secrets.random();
  const origin = await sealOrigin(context, { userId, sessionId }, opening.origin);
  const { answer, position } = await handle({
    stream: streams.sessions(userId),
    decider: sessionDecider,
    metadata: { ...metadata, actor: `user:${userId}` },
    command: (): SessionCommand => ({
      type: "start",
      sessionId,
      userId,
      userEpoch: epoch,
      kind: "browser",
      openedBy: null,
      origin,
      remembered: opening.rememberMe,
      secretHash: sha256(secret),
      replaces: opening.replaces,
      policy: policyOf(policy, opening.rememberMe),
      now: clock.now(),
    }),
  });
  await visibility.wait(position, policy.issuanceVisibilityLimit);
  return {
    cookie: formatSessionToken(userId, sessionId, secret),
    expiresAt: opening.rememberMe ? answer?.absoluteExpiresAt : undefined,
  };
}

/**
 * Who a session cookie stands for now; undefined for every cookie that opens nothing. Slides the session where due, with
 * the place from which it is used.
 */
export async function resumeSession(
  context: Context,
  cookie: string,
  from: SessionOrigin,
  metadata: EventMetadata,
): Promise<SignedIn | undefined> {
  const { documents, handle, clock, policy } = context;
  const parts = parseSessionToken(cookie);
  if (!parts) return undefined;
  const { userId, sessionId, secret } = parts;
  const [standing, user] = await documents.load([ref.session(userId, sessionId, 0), ref.user(userId)]);
  const session = standing?.session;
  if (!session || !standing.isLive || session.userId !== userId || session.kind !== "browser")
    return undefined;
  if (!constantTimeEqual(session.secretHash, sha256(secret))) return undefined;
  if (user?.status !== "active" || user.epoch !== session.userEpoch) return undefined;
  const now = clock.now();
  if (isExpired(session, now)) return undefined;
  if (!isSlideDue(session, policy.sessions, now)) return { user, session };
  const origin = await movedOrigin(context, session, from);
  const { answer } = await handle({
    stream: streams.sessions(userId),
    decider: sessionDecider,
    command: (): SessionCommand => ({ type: "touch", sessionId, origin, policy: policy.sessions, now }),
    metadata: { ...metadata, actor: `user:${userId}` },
  });
  return answer && { user, session: answer };
}

/**
 * Ends a session on purpose, and with it the tokens that are bound to it. Returns when no validation that starts later
 * can succeed. @throws {Unavailable} where that is not visible in time
 */
export async function signOut(context: Context, signedIn: SignedIn, metadata: EventMetadata): Promise<void> {
  const position = await endSession(context, signedIn, "signed_out", metadata);
  await confirmVisible(context, position);
}

async function endSession(
  { handle, clock }: Context,
  { user, session }: SignedIn,
  reason: SessionEndReason,
  metadata: EventMetadata,
): Promise<bigint> {
  const { position } = await handle({
    stream: streams.sessions(user.userId),
    decider: sessionDecider,
    command: (): SessionCommand => ({ type: "end", sessionId: session.sessionId, reason, now: clock.now() }),
    metadata: { ...metadata, actor: `user:${user.userId}` },
  });
  return position;
}
