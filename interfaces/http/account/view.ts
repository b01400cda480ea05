import type { SignedIn } from "../../../application/commands/authorize.ts";
import type { Context } from "../../../application/context.ts";
import {
  type ConnectedApp,
  connectedAppsOf,
  type OpenSession,
  openSessionsOf,
} from "../../../application/queries/account.ts";
import { usernameOf } from "../../../application/queries/users.ts";
import type { AccountView, AppView, SessionView } from "../pages/account.ts";
import { deviceName } from "../pages/device.ts";

const sessionView =
  (current: string) =>
  ({ session, origin, clientName }: OpenSession): SessionView => ({
    sessionId: session.sessionId,
    isThisOne: session.sessionId === current,
    device: deviceName(origin?.agent ?? ""),
    address: origin?.address ?? "unknown address",
    clientName,
    startedAt: session.startedAt,
    lastSeenAt: session.lastSeenAt,
  });

const appView =
  ({ policy }: Context) =>
  (app: ConnectedApp): AppView => ({
    clientId: app.clientId,
    name: app.name,
    scopes: policy.scopes.filter(({ name }) => app.scope.includes(name)),
    resources: app.audience,
    since: app.since,
    lastUsedAt: app.lastUsedAt,
  });

/** What the account page shows to who is signed in. @throws {Unavailable} where the read models are stale */
export async function accountView(
  context: Context,
  { user, session }: SignedIn,
): Promise<Omit<AccountView, "csrf">> {
  const [username, sessions, { apps, isComplete }] = await Promise.all([
    usernameOf(context, user),
    openSessionsOf(context, user),
    connectedAppsOf(context, user),
  ]);
  return {
    username: username ?? "",
    sessions: sessions.map(sessionView(session.sessionId)),
    apps: apps.map(appView(context)),
    areAllShown: isComplete,
  };
}
