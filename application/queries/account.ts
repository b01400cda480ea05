import type { ActiveGrant, Grant } from "../../domain/grant/grant.ts";
import { lastsUntil } from "../../domain/grant/grant.ts";
import type { Scope } from "../../domain/oauth/scope.ts";
import { isExpired } from "../../domain/session/decide.ts";
import type { Session, Sessions } from "../../domain/session/session.ts";
import type { User } from "../../domain/user/user.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { personalFieldsOf } from "../personal-fields.ts";
import { openOrigin, type SessionOrigin } from "../session-origin.ts";
import { streams } from "../streams.ts";
import { isActiveClient, livesBy } from "./standing.ts";

/** A session that is open, and what is known of where it was used last. */
export interface OpenSession {
  readonly session: Session;
  readonly origin: SessionOrigin | undefined;
  /** Of an MCP session: the application that opened it. */
  readonly clientName: string | null;
}

/** An application that may act for a person. Times are epoch milliseconds. */
export interface ConnectedApp {
  readonly clientId: string;
  readonly name: string;
  readonly scope: Scope;
  readonly audience: readonly string[];
  readonly since: number;
  /** When it last got a token. */
  readonly lastUsedAt: number;
}

type Dependencies = Pick<Context, "documents" | "log" | "secrets" | "clock">;

const pageSize = 200;
/** Living grants of one person that are shown; where there are more, that is said. */
const maxShown = 2_000;

/** The open sessions of a user, the newest first, as the log has them. @throws {Unavailable} */
export async function openSessionsOf(
  context: Dependencies,
  { userId, epoch }: User,
): Promise<readonly OpenSession[]> {
  const { documents, log, clock } = context;
  const { event } = await log.last(streams.sessions(userId));
  if (!event) return [];
  const live = (event.data as { sessions: Sessions }).sessions.live.filter(
    (session) => session.userEpoch === epoch && !isExpired(session, clock.now()),
  );
  const fields = await personalFieldsOf(context, userId);
  const opened = live.map(async (session): Promise<OpenSession | undefined> => {
    const origin = openOrigin(fields, session);
    if (!session.openedBy) return { session, origin, clientName: null };
    const { grantId, clientId } = session.openedBy;
    const [grant, client] = await documents.load([ref.grant(grantId), ref.client(clientId)]);
    return isLiving(grant, clock.now()) && isActiveClient(client)
      ? { session, origin, clientName: client.name }
      : undefined;
  });
  const found = (await Promise.all(opened)).filter((one) => one !== undefined);
  return found.sort((a, b) => b.session.startedAt - a.session.startedAt);
}

const isLiving = (grant: Grant | undefined, now: number): grant is ActiveGrant =>
  grant?.status === "active" && lastsUntil(grant) > now;

/** The grants of a user that have not ended, those of older epochs and of codes not redeemed too. @throws {Unavailable} */
export async function* grantsOf(
  { documents }: Pick<Context, "documents">,
  userId: string,
): AsyncGenerator<readonly Grant[]> {
  const index = ["user", userId] as const;
  for (let after = ""; ; ) {
    const page = await documents.list(ref.grant, { index, after, limit: pageSize });
    yield page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.grantId ?? "";
  }
}

const lastIssued = ({ authorizedAt, refreshToken }: ActiveGrant): number =>
  Math.max(authorizedAt, refreshToken?.issuedAt ?? 0);

/** What an application may do by all its grants together. */
function appOf(clientId: string, name: string, grants: readonly ActiveGrant[]): ConnectedApp {
  return {
    clientId,
    name,
    scope: [...new Set(grants.flatMap(({ scope }) => scope))],
    audience: [...new Set(grants.flatMap(({ audience }) => audience))],
    since: Math.min(...grants.map(({ authorizedAt }) => authorizedAt)),
    lastUsedAt: Math.max(...grants.map(lastIssued)),
  };
}

/** What is connected, and whether there is more than can be shown at once. */
export interface ConnectedApps {
  readonly apps: readonly ConnectedApp[];
  readonly isComplete: boolean;
}

async function livingGrantsOf(context: Dependencies, userId: string): Promise<readonly ActiveGrant[]> {
  const now = context.clock.now();
  const found: ActiveGrant[] = [];
  for await (const page of grantsOf(context, userId)) {
    found.push(...page.filter((grant): grant is ActiveGrant => isLiving(grant, now)));
    if (found.length >= maxShown) break;
  }
  return found;
}

/** The applications that hold tokens of a user, the one that was used last first. @throws {Unavailable} */
export async function connectedAppsOf(context: Dependencies, user: User): Promise<ConnectedApps> {
  const { documents } = context;
  const grants = await livingGrantsOf(context, user.userId);
  const clientIds = [...new Set(grants.map(({ clientId }) => clientId))];
  // Many grants hang on one session.
  const bySession = new Map(
    grants.map(({ sessionId, authenticatedAt }) => [sessionId, authenticatedAt ?? 0]),
  );
  const bound = [...bySession].flatMap(([sessionId, startedAt]) =>
    sessionId === null ? [] : [ref.session(user.userId, sessionId, startedAt)],
  );
  const [clients, sessions] = await Promise.all([
    documents.load(clientIds.map((clientId) => ref.client(clientId))),
    documents.load(bound),
  ]);
  const standings = new Map(bound.map(({ id }, index) => [id, sessions[index]]));
  const apps = clients.flatMap((client) => {
    const own = grants.filter(
      (grant) =>
        grant.clientId === client?.clientId &&
        livesBy(grant, client, user, standings.get(grant.sessionId ?? "")),
    );
    return client && own.length > 0 ? [appOf(client.clientId, client.name, own)] : [];
  });
  return { apps: apps.sort((a, b) => b.lastUsedAt - a.lastUsedAt), isComplete: grants.length < maxShown };
}
