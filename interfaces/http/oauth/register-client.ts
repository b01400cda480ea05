import type { FastifyPluginAsync } from "fastify";
import { z } from "zod";
import { registerClient } from "../../../application/commands/register-client.ts";
import { RefusedError } from "../../../application/errors.ts";
import { standardCapabilities } from "../../../domain/client/metadata.ts";
import { refusal } from "../../../domain/oauth/refusal.ts";
import { formatScope } from "../../../domain/oauth/scope.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { maybe, one } from "../parameters.ts";
import { metadataOf } from "../request-metadata.ts";
import { actorOf, requireAdministrator } from "./bearer.ts";

export const operatorsClientForm = z.object({
  client_name: one(),
  redirect_uris: maybe(),
  client_type: maybe(),
  scope: maybe(),
});

/** POST /auth/register/client: registration by an administrator, as the guide has it. */
export const registerClientRoute =
  ({ context }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    app.post("/auth/register/client", async (request, reply) => {
      const { claims } = await requireAdministrator(context, request);
      const {
        client_name,
        redirect_uris,
        client_type = "public",
        scope = "read write",
      } = operatorsClientForm.parse(request.body ?? {});
      if (client_type !== "public" && client_type !== "confidential")
        throw new RefusedError(
          refusal("invalid_client_metadata", "client_type must be public or confidential"),
        );
      const redirectUris = (redirect_uris ?? "").split(",").map((uri) => uri.trim());
      const { client, secret } = await registerClient(context, {
        request: {
          name: client_name,
          redirectUris: redirectUris.filter((uri) => uri !== ""),
          scope,
          ...standardCapabilities[client_type],
        },
        origin: "operator",
        isSelfManaged: false,
        metadata: metadataOf(request, actorOf(claims)),
      });
      return reply.header("cache-control", "no-store").send({
        client_id: client.clientId,
        client_secret: secret,
        client_type: client.type,
        client_name: client.name,
        redirect_uris: client.redirectUris,
        scope: formatScope(client.scopes),
      });
    });
  };
