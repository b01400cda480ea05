import type { FastifyPluginAsync } from "fastify";
import { authenticateClient } from "../../../application/commands/authenticate-client.ts";
import { revokeToken } from "../../../application/commands/revoke-token.ts";
import type { ClientFailures } from "../client-failures.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { maybe, one } from "../parameters.ts";
import { metadataOf } from "../request-metadata.ts";
import { clientForm, readClientCredentials, readForm } from "./client-credentials.ts";

export const revocationForm = clientForm({ token: one(), token_type_hint: maybe() });

/** POST /auth/revoke (RFC 7009). It is not limited: nobody may keep a client from ending its access by filling a limit. */
export const revokeRoute =
  ({ context }: HttpDependencies, failures: ClientFailures): FastifyPluginAsync =>
  async (app) => {
    app.post("/auth/revoke", async (request, reply) => {
      const form = readForm(request, revocationForm);
      const credentials = readClientCredentials(request, form, context.assertions);
      const metadata = metadataOf(request, `client:${credentials.clientId}`);
      const client = await failures.count(request, () => authenticateClient(context, credentials, metadata));
      await revokeToken(context, { client, token: form.token, metadata });
      return reply.header("cache-control", "no-store").code(200).send();
    });
  };
