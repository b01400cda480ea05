import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { setClientStatus, updateClient } from "../../../application/commands/manage-client.ts";
import { registerClient } from "../../../application/commands/register-client.ts";
import { ref } from "../../../application/documents.ts";
import { RefusedError } from "../../../application/errors.ts";
import { isActiveClient } from "../../../application/queries/standing.ts";
import type { Client } from "../../../domain/client/client.ts";
import { constantTimeEqual, sha256 } from "../../../domain/oauth/hash.ts";
import { refusal } from "../../../domain/oauth/refusal.ts";
import { matchesGenerated } from "../../../domain/oauth/secret.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { BearerChallenge } from "../errors.ts";
import { byAddress } from "../rate-limits.ts";
import { metadataOf } from "../request-metadata.ts";
import { readBearerToken, requireAdministrator } from "./bearer.ts";
import { clientInformation, readClientMetadata, registrationRequestOf } from "./client-metadata.ts";

const hour = 3_600;

/** POST /auth/register (RFC 7591) and GET, PUT and DELETE /auth/register/{client_id} (RFC 7592). */
export const registerRoutes =
  (dependencies: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    const { context } = dependencies;
    app.addContentTypeParser(
      "application/json",
      { parseAs: "string" },
      app.getDefaultJsonParser("error", "error"),
    );
    const { policy } = context;
    const { issuer } = policy;

    const registering = byAddress(dependencies, { name: "register", max: 20, window: hour });
    const managed = byAddress(dependencies, { name: "manage", max: 120, window: hour });

    /** Closed registration opens to the initial access token and to an administrator (RFC 7591 §3.1). */
    async function requireInitialAccess(request: FastifyRequest): Promise<void> {
      if (policy.registration === "open") return;
      const token = readBearerToken(request, "admin");
      const initial = policy.initialAccessTokenHash;
      if (token !== undefined && initial !== null && constantTimeEqual(sha256(token), initial)) return;
      await requireAdministrator(context, request).catch((error: unknown) => {
        // Whatever is wrong with it, it is not a token that opens this (RFC 7591 §3).
        if (error instanceof BearerChallenge && error.error !== "invalid_request")
          throw new BearerChallenge("invalid_token", "Registration needs an initial access token", "admin");
        throw error;
      });
    }

    /** The client that manages itself, by its registration access token (RFC 7592 §2). */
    async function requireSelf(
      request: FastifyRequest<{ Params: { clientId: string } }>,
    ): Promise<{ client: Client; registrationToken: string }> {
      const token = readBearerToken(request, "");
      const [client] = await context.documents.load([ref.client(request.params.clientId)]);
      const expected = client?.registrationTokenHash;
      if (!token || !isActiveClient(client) || !expected || !constantTimeEqual(sha256(token), expected))
        throw new BearerChallenge("invalid_token", "The registration access token is not valid", "");
      return { client, registrationToken: token };
    }

    app.post("/auth/register", registering, async (request, reply) => {
      await requireInitialAccess(request);
      const { client, secret, registrationToken } = await registerClient(context, {
        request: registrationRequestOf(readClientMetadata(request.body)),
        origin: "self_registered",
        isSelfManaged: true,
        metadata: metadataOf(request, "registration"),
      });
      return reply
        .code(201)
        .header("cache-control", "no-store")
        .send(clientInformation(client, { issuer, secret, registrationToken: registrationToken ?? "" }));
    });

    app.get<{ Params: { clientId: string } }>("/auth/register/:clientId", managed, async (request, reply) => {
      const { client, registrationToken } = await requireSelf(request);
      return reply
        .header("cache-control", "no-store")
        .send(clientInformation(client, { issuer, secret: null, registrationToken }));
    });

    app.put<{ Params: { clientId: string } }>("/auth/register/:clientId", managed, async (request, reply) => {
      const { client, registrationToken } = await requireSelf(request);
      const body = readClientMetadata(request.body);
      if (body.client_id !== client.clientId)
        throw new RefusedError(refusal("invalid_client_metadata", "client_id must be that of the client"));
      if (body.client_secret !== undefined && !matchesGenerated(body.client_secret, client.secrets))
        throw new RefusedError(refusal("invalid_client_metadata", "client_secret must be the current one"));
      const metadata = metadataOf(request, `client:${client.clientId}`);
      const updated = await updateClient(context, client, registrationRequestOf(body), metadata);
      return reply
        .header("cache-control", "no-store")
        .send(clientInformation(updated.client, { issuer, secret: updated.secret, registrationToken }));
    });

    // Not limited, since it ends access.
    app.delete<{ Params: { clientId: string } }>("/auth/register/:clientId", async (request, reply) => {
      const { client } = await requireSelf(request);
      await setClientStatus(
        context,
        client.clientId,
        "delete",
        metadataOf(request, `client:${client.clientId}`),
      );
      return reply.code(204).send();
    });
  };
