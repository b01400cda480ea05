import type { FastifyPluginAsync, FastifyReply } from "fastify";
import { z } from "zod";
import { disconnectApp, endSessionOf } from "../../../application/commands/account.ts";
import { setPassword, setUserStatus } from "../../../application/commands/manage-users.ts";
import {
  type ConnectedApp,
  connectedAppsOf,
  type OpenSession,
  openSessionsOf,
} from "../../../application/queries/account.ts";
import { formatScope } from "../../../domain/oauth/scope.ts";
import { iso } from "../../audit/facts.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { NotThere } from "../errors.ts";
import type { appAnswer, sessionAnswer } from "../openapi/answers/admin.ts";
import { forAdministrators, metadataOfAdministrator } from "./administrators.ts";
import { type OfUser, passwordText, userOf } from "./users.ts";

interface OfSession {
  readonly Params: OfUser["Params"] & { readonly sessionId: string };
}

interface OfApp {
  readonly Params: OfUser["Params"] & { readonly clientId: string };
}

export const newPassword = z.strictObject({ password: passwordText });

const sessionFacts = ({ session, origin, clientName }: OpenSession): z.infer<typeof sessionAnswer> => ({
  session_id: session.sessionId,
  kind: session.kind,
  address: origin?.address ?? null,
  user_agent: origin?.agent ?? null,
  client_id: session.openedBy?.clientId ?? null,
  client_name: clientName,
  started_at: iso(session.startedAt),
  last_seen_at: iso(session.lastSeenAt),
  expires_at: iso(Math.min(session.expiresAt, session.absoluteExpiresAt)),
});

const appFacts = (app: ConnectedApp): z.infer<typeof appAnswer> => ({
  client_id: app.clientId,
  client_name: app.name,
  scope: formatScope(app.scope),
  resources: [...app.audience],
  since: iso(app.since),
  last_used_at: iso(app.lastUsedAt),
});

const done = (reply: FastifyReply): FastifyReply => reply.code(204).send();

/** What a person can do on the account page, for anybody: see and end sessions and connected apps, set a password. */
export const adminUserAccessRoutes =
  ({ context }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    forAdministrators(app, context);

    app.get<OfUser>("/admin/users/:userId/sessions", async (request) => ({
      sessions: (await openSessionsOf(context, await userOf(context, request))).map(sessionFacts),
    }));

    app.delete<OfUser>("/admin/users/:userId/sessions", async (request, reply) => {
      const { userId } = await userOf(context, request);
      await setUserStatus(context, userId, "sign_out_everywhere", metadataOfAdministrator(request));
      return done(reply);
    });

    app.get<OfSession>("/admin/users/:userId/sessions/:sessionId", async (request) => {
      const open = await openSessionsOf(context, await userOf(context, request));
      const found = open.find(({ session }) => session.sessionId === request.params.sessionId);
      if (!found) throw new NotThere("The user has no such session");
      return sessionFacts(found);
    });

    app.delete<OfSession>("/admin/users/:userId/sessions/:sessionId", async (request, reply) => {
      const { userId } = await userOf(context, request);
      const { sessionId } = request.params;
      const metadata = metadataOfAdministrator(request);
      const wasOpen = await endSessionOf(context, userId, sessionId, "operator", metadata);
      if (!wasOpen) throw new NotThere("The user has no such session");
      return done(reply);
    });

    app.get<OfUser>("/admin/users/:userId/apps", async (request) => {
      const { apps, isComplete } = await connectedAppsOf(context, await userOf(context, request));
      return { apps: apps.map(appFacts), complete: isComplete };
    });

    app.delete<OfApp>("/admin/users/:userId/apps/:clientId", async (request, reply) => {
      const { userId } = await userOf(context, request);
      const { clientId } = request.params;
      await disconnectApp(context, userId, clientId, "operator", metadataOfAdministrator(request));
      return done(reply);
    });

    app.put<OfUser>("/admin/users/:userId/password", async (request, reply) => {
      const { password } = newPassword.parse(request.body);
      const { userId } = await userOf(context, request);
      await setPassword(context, userId, password, metadataOfAdministrator(request));
      return done(reply);
    });
  };
