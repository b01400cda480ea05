import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { revokeGrant } from "../../../application/commands/revoke-grant.ts";
import { ref } from "../../../application/documents.ts";
import { type StandingGrant, standingsOf } from "../../../application/queries/grants.ts";
import { formatScope } from "../../../domain/oauth/scope.ts";
import { iso } from "../../audit/facts.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { NotThere } from "../errors.ts";
import type { grantAnswer } from "../openapi/answers/admin.ts";
import { maybe } from "../parameters.ts";
import { forAdministrators, metadataOfAdministrator } from "./administrators.ts";
import { pageParameters, queryOf } from "./input.ts";
import { linkNext, pageOf } from "./paging.ts";

interface OfGrant {
  readonly Params: { readonly grantId: string };
}

export const grantsQuery = z.object({
  user_id: maybe().describe("Only grants of this user that have not ended"),
  client_id: maybe().describe("Only grants of this client that have not ended"),
  ...pageParameters,
});

const grantFacts = ({ grant, status }: StandingGrant): z.infer<typeof grantAnswer> => {
  const refreshToken = grant.status === "active" ? grant.refreshToken : null;
  const ended = grant.status === "ended" ? grant : undefined;
  return {
    grant_id: grant.grantId,
    client_id: grant.clientId,
    user_id: grant.userId,
    session_id: grant.sessionId,
    status,
    ended_because: ended?.reason ?? null,
    scope: formatScope(grant.scope),
    resources: [...grant.audience],
    can_refresh: status === "active" && refreshToken !== null,
    authorized_at: iso(grant.authorizedAt),
    last_issued_at: iso(refreshToken?.issuedAt ?? null),
    ended_at: iso(ended?.endedAt ?? null),
    expires_at: iso(grant.expiresAt),
  };
};

/** By what the read models find grants: a user has fewer than a client, which may be everybody's. */
const indexOf = (userId: string | undefined, clientId: string | undefined) =>
  userId !== undefined
    ? { index: ["user", userId] as const }
    : clientId !== undefined
      ? { index: ["client", clientId] as const }
      : {};

/** /admin/grants: what clients were granted, by whom and for what. */
export const adminGrantRoutes =
  ({ context }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    forAdministrators(app, context);
    const { documents } = context;

    app.get("/admin/grants", async (request, reply) => {
      const { user_id, client_id, ...query } = queryOf(request, grantsQuery);
      const { entries, next } = await pageOf(
        query,
        (page) => documents.list(ref.grant, { ...indexOf(user_id, client_id), ...page }),
        ({ grantId }) => grantId,
      );
      linkNext(context, request, reply, next);
      // What is asked for by both is looked for page by page, so that no request looks through all.
      const wanted = entries.filter(({ clientId }) => client_id === undefined || clientId === client_id);
      return { grants: (await standingsOf(context, wanted)).map(grantFacts), next };
    });

    async function grantOf(grantId: string) {
      const [grant] = await documents.load([ref.grant(grantId)]);
      if (!grant) throw new NotThere("There is no such grant");
      return grant;
    }

    app.get<OfGrant>("/admin/grants/:grantId", async (request) => {
      const [standing] = await standingsOf(context, [await grantOf(request.params.grantId)]);
      return grantFacts(standing as StandingGrant);
    });

    app.delete<OfGrant>("/admin/grants/:grantId", async (request, reply) => {
      const { grantId } = await grantOf(request.params.grantId);
      await revokeGrant(context, grantId, metadataOfAdministrator(request));
      return reply.code(204).send();
    });
  };
