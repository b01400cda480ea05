import { lastsUntil } from "../../domain/grant/grant.ts";
import { scopeNow } from "../../domain/grant/issue.ts";
import { isAccessTokenRevoked } from "../../domain/grant/revoke.ts";
import { constantTimeEqual, sha256 } from "../../domain/oauth/hash.ts";
import { intersectScope, type Scope } from "../../domain/oauth/scope.ts";
import { formatMcpSessionId, parseMcpSessionId } from "../../domain/oauth/token-forms.ts";
import { isExpired, isSlideDue, type SessionCommand, sessionDecider } from "../../domain/session/decide.ts";
import type { Session } from "../../domain/session/session.ts";
import type { User } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import type { SessionStanding } from "../projections/sessions.ts";
import { livesBy, userAndSessionRefs } from "../queries/standing.ts";
import type { ValidAccessToken } from "../queries/validate-access-token.ts";
import { movedOrigin, type SessionOrigin, sealClientOrigin, sealOrigin } from "../session-origin.ts";
import { streams } from "../streams.ts";
import { confirmVisible } from "./confirm.ts";

/** An MCP session that is good now. */
export interface LiveMcpSession {
  readonly session: Session;
  readonly grantId: string;
  /** Who acts: `user:…` or `client:…`. */
  readonly actor: string;
  /** What of the scope that it was opened with grant, client and user still have. */
  readonly scope: Scope;
}

type Dependencies = Pick<
  Context,
  "log" | "documents" | "handle" | "clock" | "policy" | "secrets" | "visibility"
>;

/** Opens a session for whoever holds this token. `sessionId` is a secret; `expiresIn` is in milliseconds. */
export async function openMcpSession(
  context: Dependencies,
  { claims, grantId, revision, scope }: ValidAccessToken,
  from: SessionOrigin,
  metadata: EventMetadata,
): Promise<{ readonly sessionId: string; readonly expiresIn: number }> {
  const { handle, secrets, clock, policy, visibility } = context;
  const ownerId = claims.sub;
  const sessionId = secrets.newId();
  const secret = secrets.random();
  const origin =
    claims.user_epoch === undefined
      ? sealClientOrigin(context, sessionId, from)
      : await sealOrigin(context, { userId: ownerId, sessionId }, from);
  const { answer, position } = await handle({
    stream: streams.sessions(ownerId),
    decider: sessionDecider,
    metadata,
    command: (): SessionCommand => ({
      type: "start",
      sessionId,
      userId: ownerId,
      userEpoch: claims.user_epoch ?? 0,
      kind: "mcp",
      openedBy: { grantId, clientId: claims.client_id, revision, scope },
      origin,
      remembered: false,
      secretHash: sha256(secret),
      policy: policy.sessions,
      now: clock.now(),
    }),
  });
  await visibility.wait(position, policy.issuanceVisibilityLimit);
  const expiresIn = (answer?.expiresAt ?? clock.now()) - clock.now();
  return { sessionId: formatMcpSessionId(ownerId, sessionId, secret), expiresIn };
}

/** The session of this id; undefined where it is none, was closed or has expired, or that it lives by has ended. */
export async function liveMcpSession(
  { documents, clock }: Pick<Context, "documents" | "clock">,
  id: string,
): Promise<LiveMcpSession | undefined> {
  const parts = parseMcpSessionId(id);
  if (!parts) return undefined;
  const [standing] = await documents.load([ref.session(parts.ownerId, parts.sessionId, 0)]);
  const session = standing?.isLive ? standing.session : undefined;
  if (!session?.openedBy || session.userId !== parts.ownerId || isExpired(session, clock.now()))
    return undefined;
  if (!constantTimeEqual(session.secretHash, sha256(parts.secret))) return undefined;
  const { grantId, clientId, revision } = session.openedBy;
  const [grant, client] = await documents.load([ref.grant(grantId), ref.client(clientId)]);
  if (grant?.status !== "active" || lastsUntil(grant) <= clock.now()) return undefined;
  if (isAccessTokenRevoked(grant, revision)) return undefined;
  const [user, bound] = (await documents.load(userAndSessionRefs(grant))) as [
    User | undefined,
    SessionStanding | undefined,
  ];
  if (!livesBy(grant, client, user, bound)) return undefined;
  const now = scopeNow(grant, { client: client?.scopes ?? [], user: user?.scopes ?? null });
  return {
    session,
    grantId,
    actor: grant.userId === null ? `client:${clientId}` : `user:${grant.userId}`,
    scope: intersectScope(session.openedBy.scope, now),
  };
}

/** Prolongs a session that is used from here, where that is due. */
export async function touchMcpSession(
  context: Dependencies,
  { session }: LiveMcpSession,
  from: SessionOrigin,
  metadata: EventMetadata,
): Promise<void> {
  const { handle, clock, policy } = context;
  const now = clock.now();
  if (!isSlideDue(session, policy.sessions, now)) return;
  const origin = await movedOrigin(context, session, from);
  await handle({
    stream: streams.sessions(session.userId),
    decider: sessionDecider,
    command: (): SessionCommand => ({
      type: "touch",
      sessionId: session.sessionId,
      origin,
      policy: policy.sessions,
      now,
    }),
    metadata,
  });
}

/** Closes a session; returns when no later request can use it. @throws {Unavailable} where that is not visible in time */
export async function closeMcpSession(
  context: Dependencies,
  { session }: LiveMcpSession,
  metadata: EventMetadata,
): Promise<void> {
  const { position } = await context.handle({
    stream: streams.sessions(session.userId),
    decider: sessionDecider,
    command: (): SessionCommand => ({
      type: "end",
      sessionId: session.sessionId,
      reason: "closed",
      now: context.clock.now(),
    }),
    metadata,
  });
  await confirmVisible(context, position);
}
