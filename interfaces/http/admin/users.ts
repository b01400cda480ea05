import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { disconnectApp, endSessionOf } from "../../../application/commands/account.ts";
import { setPassword, setUserStatus } from "../../../application/commands/manage-users.ts";
import { ref } from "../../../application/documents.ts";
import type { EventMetadata } from "../../../application/ports/event-store.ts";
import {
  type ConnectedApp,
  connectedAppsOf,
  type OpenSession,
  openSessionsOf,
} from "../../../application/queries/account.ts";
import { findUser, usernameOf } from "../../../application/queries/users.ts";
import { formatScope } from "../../../domain/oauth/scope.ts";
import type { User } from "../../../domain/user/user.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { NotThere } from "../errors.ts";
import { actorOf, requireAdministrator } from "../oauth/bearer.ts";
import { metadataOf } from "../request-metadata.ts";

interface OfUser {
  readonly Params: { readonly userId: string };
}

const pageSize = 100;

const isoTime = (time: number): string => new Date(time).toISOString();

const sessionFacts = ({ session, origin, clientName }: OpenSession) => ({
  session_id: session.sessionId,
  kind: session.kind,
  address: origin?.address ?? null,
  user_agent: origin?.agent ?? null,
  client_id: session.openedBy?.clientId ?? null,
  client_name: clientName,
  started_at: isoTime(session.startedAt),
  last_seen_at: isoTime(session.lastSeenAt),
  expires_at: isoTime(Math.min(session.expiresAt, session.absoluteExpiresAt)),
});

const appFacts = (app: ConnectedApp) => ({
  client_id: app.clientId,
  client_name: app.name,
  scope: formatScope(app.scope),
  resources: app.audience,
  since: isoTime(app.since),
  last_used_at: isoTime(app.lastUsedAt),
});

/**
 * /admin/users: what a person can do on the account page, for anybody, by a token with the scope `admin` for the issuer.
 * Users are named by their ids, so that no name stands in a URL.
 */
export const adminUserRoutes =
  ({ context }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    app.addContentTypeParser(
      "application/json",
      { parseAs: "string" },
      app.getDefaultJsonParser("error", "error"),
    );

    const administrator = async (request: FastifyRequest): Promise<EventMetadata> => {
      const { claims } = await requireAdministrator(context, request);
      return metadataOf(request, actorOf(claims));
    };

    async function userOf(request: FastifyRequest<OfUser>): Promise<User> {
      const [user] = await context.documents.load([ref.user(request.params.userId)]);
      if (!user) throw new NotThere("There is no such user");
      return user;
    }

    const userFacts = async (user: User) => ({
      user_id: user.userId,
      username: (await usernameOf(context, user)) ?? null,
      status: user.status,
      scope: formatScope(user.scopes),
    });

    const done = (reply: FastifyReply): FastifyReply => reply.code(204).send();

    app.addHook("onSend", async (_request, reply) => {
      reply.header("cache-control", "no-store");
    });

    app.get("/admin/users", async (request) => {
      await administrator(request);
      const { after = [] } = request.query as { after?: readonly string[] };
      const users = await context.documents.list(ref.user, { after: after[0] ?? "", limit: pageSize });
      const next = users.length < pageSize ? null : (users.at(-1)?.userId ?? null);
      return { users: await Promise.all(users.map(userFacts)), next };
    });

    const named = z.object({ username: z.string() });
    app.post("/admin/users/find", async (request) => {
      await administrator(request);
      const user = await findUser(context, named.parse(request.body).username);
      if (!user) throw new NotThere("There is no such user");
      return await userFacts(user);
    });

    app.get<OfUser>("/admin/users/:userId/sessions", async (request) => {
      await administrator(request);
      return { sessions: (await openSessionsOf(context, await userOf(request))).map(sessionFacts) };
    });

    app.delete<OfUser>("/admin/users/:userId/sessions", async (request, reply) => {
      const metadata = await administrator(request);
      const { userId } = await userOf(request);
      await setUserStatus(context, userId, "sign_out_everywhere", metadata);
      return done(reply);
    });

    app.delete<{ Params: OfUser["Params"] & { readonly sessionId: string } }>(
      "/admin/users/:userId/sessions/:sessionId",
      async (request, reply) => {
        const metadata = await administrator(request);
        const { userId } = await userOf(request);
        const { sessionId } = request.params;
        const wasOpen = await endSessionOf(context, userId, sessionId, "operator", metadata);
        if (!wasOpen) throw new NotThere("The user has no such session");
        return done(reply);
      },
    );

    app.get<OfUser>("/admin/users/:userId/apps", async (request) => {
      await administrator(request);
      const { apps, isComplete } = await connectedAppsOf(context, await userOf(request));
      return { apps: apps.map(appFacts), complete: isComplete };
    });

    app.delete<{ Params: OfUser["Params"] & { readonly clientId: string } }>(
      "/admin/users/:userId/apps/:clientId",
      async (request, reply) => {
        const metadata = await administrator(request);
        const { userId } = await userOf(request);
        await disconnectApp(context, userId, request.params.clientId, "operator", metadata);
        return done(reply);
      },
    );

    const password = z.object({ password: z.string() });
    app.put<OfUser>("/admin/users/:userId/password", async (request, reply) => {
      const metadata = await administrator(request);
      const { userId } = await userOf(request);
      await setPassword(context, userId, password.parse(request.body).password, metadata);
      return done(reply);
    });
  };
