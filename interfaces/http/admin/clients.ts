import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  rotateClientSecret,
  setClientStatus,
  updateClient,
} from "../../../application/commands/manage-client.ts";
import { checkedMetadata, registerClient } from "../../../application/commands/register-client.ts";
import type { Context } from "../../../application/context.ts";
import { ref } from "../../../application/documents.ts";
import { type Client, usesSecret } from "../../../domain/client/client.ts";
import type { RegistrationRequest } from "../../../domain/client/metadata.ts";
import { formatScope } from "../../../domain/oauth/scope.ts";
import { iso } from "../../audit/facts.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { Conflict, NotThere } from "../errors.ts";
import { clientUri, keySet } from "../oauth/client-metadata.ts";
import type { clientAnswer } from "../openapi/answers/admin.ts";
import { forAdministrators, metadataOfAdministrator } from "./administrators.ts";
import { onceByKey } from "./idempotency-key.ts";
import { knownScope, naming, pageParameters, queryOf, scopeText, statusRequest } from "./input.ts";
import { linkNext, pageOf } from "./paging.ts";
import { oldSecretExpiry, openSecrets, overlapSeconds } from "./secrets.ts";

interface OfClient {
  readonly Params: { readonly clientId: string };
}

export const clientsQuery = z.object(pageParameters);

/** What an operator says of a client, named as in RFC 7591 §2, but that a client may have several ways to authenticate. */
export const clientRequest = z.strictObject({
  client_name: z.string().min(1).max(200),
  redirect_uris: z.array(clientUri).max(32).default([]),
  token_endpoint_auth_methods: z
    .array(z.enum(["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]))
    .min(1)
    .max(4)
    .default(["client_secret_basic", "client_secret_post"])
    .describe("How it authenticates; `none` alone for a public client"),
  grant_types: z
    .array(z.enum(["authorization_code", "refresh_token", "client_credentials"]))
    .min(1)
    .max(3)
    .optional()
    .describe(
      "Where absent, codes and refreshing if it has a redirect URI, and client credentials if it is confidential",
    ),
  scope: scopeText.optional().describe("What it may have; all but `admin` where absent"),
  application_type: z.enum(["web", "native"]).default("web"),
  token_format: z
    .enum(["jwt", "opaque"])
    .optional()
    .describe("The form of its access tokens; `jwt` where a new client names none"),
  jwks: keySet.optional().describe("Public keys for `private_key_jwt`"),
  jwks_uri: clientUri.optional(),
  client_uri: clientUri.optional(),
  software_id: z.string().max(256).optional(),
});

export const clientSecretRequest = z.strictObject({
  overlap_seconds: overlapSeconds,
  compromised: z
    .boolean()
    .default(false)
    .describe("The old secret is in wrong hands: it and every token of the client die at once"),
});

/** The members of a request by what refusals of it begin with. */
const refusedMembers = {
  grant_types: "grant_types",
  refresh_token: "grant_types",
  jwks: "jwks",
  jwks_uri: "jwks_uri",
  private_key_jwt: "jwks",
};

type ClientRequest = z.output<typeof clientRequest>;

function registrationOf(asked: ClientRequest): RegistrationRequest {
  const { redirect_uris: redirectUris, token_endpoint_auth_methods: authMethods } = asked;
  const byCode = redirectUris.length > 0 ? ["authorization_code", "refresh_token"] : [];
  const forItself = authMethods.includes("none") ? [] : ["client_credentials"];
  return {
    name: asked.client_name,
    redirectUris,
    authMethods: [...new Set(authMethods)],
    grantTypes: asked.grant_types ?? [...byCode, ...forItself],
    scope: asked.scope,
    applicationType: asked.application_type,
    tokenFormat: asked.token_format,
    jwks: asked.jwks,
    jwksUri: asked.jwks_uri,
    clientUri: asked.client_uri,
    softwareId: asked.software_id,
  };
}

const clientFacts = (client: Client, now: number): z.infer<typeof clientAnswer> => ({
  client_id: client.clientId,
  client_name: client.name,
  client_type: client.type,
  status: client.status,
  origin: client.origin,
  redirect_uris: [...client.redirectUris],
  token_endpoint_auth_methods: [...client.authMethods],
  grant_types: [...client.grantTypes],
  scope: formatScope(client.scopes),
  application_type: client.applicationType,
  token_format: client.tokenFormat,
  jwks: client.jwks && { keys: client.jwks.keys.map((key) => ({ ...key })) },
  jwks_uri: client.jwksUri,
  client_uri: client.clientUri,
  software_id: client.softwareId,
  client_secrets: openSecrets(client.secrets, now),
  created_at: iso(client.registeredAt),
});

async function clientOf({ documents }: Context, request: FastifyRequest<OfClient>): Promise<Client> {
  const [client] = await documents.load([ref.client(request.params.clientId)]);
  if (!client) throw new NotThere("There is no such client");
  return client;
}

/** A client that was not deleted: of the others nothing can be changed. @throws {NotThere} @throws {Conflict} */
async function livingClientOf(context: Context, request: FastifyRequest<OfClient>): Promise<Client> {
  const client = await clientOf(context, request);
  if (client.status === "deleted") throw new Conflict("The client was deleted");
  return client;
}

/** /admin/clients: applications that get tokens. */
export const adminClientRoutes =
  ({ context, clientDocuments }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    forAdministrators(app, context);
    const { policy, documents, clock } = context;
    const facts = (client: Client) => clientFacts(client, clock.now());

    app.get("/admin/clients", async (request, reply) => {
      const { entries, next } = await pageOf(
        queryOf(request, clientsQuery),
        (page) => documents.list(ref.client, page),
        ({ clientId }) => clientId,
      );
      linkNext(context, request, reply, next);
      return { clients: entries.map(facts), next };
    });

    app.post("/admin/clients", async (request, reply) => {
      const asked = clientRequest.parse(request.body);
      if (asked.scope !== undefined) knownScope(policy, asked.scope);
      const registration = registrationOf(asked);
      // Before the key is used: who is refused leaves nothing.
      await naming(refusedMembers, async () => checkedMetadata(policy, registration, "operator"));
      const once = await onceByKey(context, request, asked);
      const { client, secret } = await naming(refusedMembers, () =>
        registerClient(once, {
          request: registration,
          origin: "operator",
          isSelfManaged: false,
          metadata: metadataOfAdministrator(request),
        }),
      );
      return reply
        .code(201)
        .header("location", `${policy.issuer}/admin/clients/${client.clientId}`)
        .send({ ...facts(client), client_secret: secret });
    });

    app.get<OfClient>("/admin/clients/:clientId", async (request) => facts(await clientOf(context, request)));

    app.put<OfClient>("/admin/clients/:clientId", async (request) => {
      const asked = clientRequest.parse(request.body);
      if (asked.scope !== undefined) knownScope(policy, asked.scope);
      const client = await livingClientOf(context, request);
      if (clientDocuments.isNamedBy(client.clientId))
        throw new Conflict("The client is described by the document that its id names");
      const { client: updated, secret } = await naming(refusedMembers, () =>
        updateClient(context, client, registrationOf(asked), metadataOfAdministrator(request)),
      );
      return { ...facts(updated), client_secret: secret };
    });

    app.put<OfClient>("/admin/clients/:clientId/status", async (request) => {
      const type = statusRequest.parse(request.body).status === "active" ? "enable" : "disable";
      const { clientId } = await livingClientOf(context, request);
      return facts(await setClientStatus(context, clientId, type, metadataOfAdministrator(request)));
    });

    app.post<OfClient>("/admin/clients/:clientId/secret", async (request) => {
      const asked = clientSecretRequest.parse(request.body ?? {});
      const { clientId, authMethods } = await livingClientOf(context, request);
      if (!usesSecret(authMethods)) throw new Conflict("The client has no secret");
      const { overlap_seconds, compromised } = asked;
      const { client, secret } = await rotateClientSecret(
        await onceByKey(context, request, asked),
        clientId,
        { overlap: overlap_seconds * 1_000, compromised },
        metadataOfAdministrator(request),
      );
      return {
        client_id: clientId,
        client_secret: secret,
        old_secret_expires_at: oldSecretExpiry(client.secrets),
      };
    });

    app.delete<OfClient>("/admin/clients/:clientId", async (request, reply) => {
      const { clientId, status } = await clientOf(context, request);
      if (status !== "deleted")
        await setClientStatus(context, clientId, "delete", metadataOfAdministrator(request));
      return reply.code(204).send();
    });
  };
