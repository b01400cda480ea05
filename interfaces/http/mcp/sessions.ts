import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  closeMcpSession,
  type LiveMcpSession,
  liveMcpSession,
  openMcpSession,
  touchMcpSession,
} from "../../../application/commands/mcp-sessions.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { actorOf } from "../oauth/bearer.ts";
import { metadataOf, originOf } from "../request-metadata.ts";
import { badSession, presentedToken, requireToken } from "./caller.ts";
import { execute } from "./execute.ts";
import type { Results } from "./tools/results.ts";

/** POST /mcp/session/create, POST /mcp/session/{id}/execute/{tool} and DELETE /mcp/session/{id}. */
export function sessionRoutes(app: FastifyInstance, dependencies: HttpDependencies, results: Results): void {
  const { context } = dependencies;

  /**
   * The session that the path names, where it is open to this request: its id never stands for a person, so a token
   * that comes with it, or must, is to be of the grant that opened it.
   */
  async function openTo(
    request: FastifyRequest<{ Params: { id: string } }>,
  ): Promise<LiveMcpSession | undefined> {
    const token = context.policy.sessions.requireBearer
      ? await requireToken(context, request, "read")
      : await presentedToken(context, request, "read");
    const live = await liveMcpSession(context, request.params.id);
    if (live && token && token.grantId !== live.grantId) throw badSession(context);
    // What is left of the scope of the session and of the token.
    return live && token ? { ...live, scope: live.scope.filter((name) => token.scope.includes(name)) } : live;
  }

  app.post("/mcp/session/create", async (request, reply) => {
    const token = await requireToken(context, request, "read");
    const metadata = metadataOf(request, actorOf(token.claims));
    const { sessionId, expiresIn } = await openMcpSession(context, token, originOf(request), metadata);
    return reply
      .header("cache-control", "no-store")
      .send({ session_id: sessionId, expires_in: Math.floor(expiresIn / 1000) });
  });

  app.post<{ Params: { id: string; tool: string } }>(
    "/mcp/session/:id/execute/:tool",
    async (request, reply) => {
      const live = await openTo(request);
      if (!live) throw badSession(context);
      await touchMcpSession(context, live, originOf(request), metadataOf(request, live.actor));
      return await execute(dependencies, request, reply, live, results);
    },
  );

  app.delete<{ Params: { id: string } }>("/mcp/session/:id", async (request, reply) => {
    const live = await openTo(request);
    if (live) await closeMcpSession(context, live, metadataOf(request, live.actor));
    return reply.header("cache-control", "no-store").send({ status: "closed" });
  });
}
