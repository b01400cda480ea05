import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  createResource,
  rotateResourceSecret,
  setResourceStatus,
} from "../../../application/commands/manage-resources.ts";
import type { Context } from "../../../application/context.ts";
import { ref } from "../../../application/documents.ts";
import { RefusedError } from "../../../application/errors.ts";
import { formatScope } from "../../../domain/oauth/scope.ts";
import type { Resource } from "../../../domain/resource/resource.ts";
import { iso } from "../../audit/facts.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { NotThere } from "../errors.ts";
import type { resourceAnswer } from "../openapi/answers/admin.ts";
import { forAdministrators, metadataOfAdministrator } from "./administrators.ts";
import { onceByKey } from "./idempotency-key.ts";
import { badMember, knownScope, pageParameters, queryOf, scopeText, statusRequest } from "./input.ts";
import { linkNext, pageOf } from "./paging.ts";
import { oldSecretExpiry, openSecrets, overlapSeconds } from "./secrets.ts";

interface OfResource {
  readonly Params: { readonly resourceId: string };
}

export const resourcesQuery = z.object(pageParameters);

export const resourceRequest = z.strictObject({
  uri: z.string().max(2_048).describe("An absolute http(s) URI without a fragment (RFC 8707)"),
  name: z.string().min(1).max(200).optional().describe("Its URI where absent"),
  scope: scopeText.default("read write").describe("The scopes that it knows; `read write` where absent"),
  default: z.boolean().default(false).describe("Whether tokens asked for without `resource` are for it too"),
});

export const resourceSecretRequest = z.strictObject({ overlap_seconds: overlapSeconds });

const resourceFacts = (resource: Resource, now: number): z.infer<typeof resourceAnswer> => ({
  resource_id: resource.resourceId,
  uri: resource.uri,
  name: resource.name,
  status: resource.status,
  scope: formatScope(resource.scopes),
  default: resource.isDefault,
  resource_secrets: openSecrets(resource.secrets, now),
  created_at: iso(resource.registeredAt),
});

async function resourceOf({ documents }: Context, request: FastifyRequest<OfResource>): Promise<Resource> {
  const [resource] = await documents.load([ref.resource(request.params.resourceId)]);
  if (!resource) throw new NotThere("There is no such resource");
  return resource;
}

/** What is refused at registration is its URI. */
function refusedUri(error: unknown): never {
  throw error instanceof RefusedError ? badMember("uri", `is refused: ${error.refusal.description}`) : error;
}

/** /admin/resources: APIs and MCP servers that tokens are for. */
export const adminResourceRoutes =
  ({ context }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    forAdministrators(app, context);
    const { policy, documents, clock } = context;
    const facts = (resource: Resource) => resourceFacts(resource, clock.now());

    app.get("/admin/resources", async (request, reply) => {
      const { entries, next } = await pageOf(
        queryOf(request, resourcesQuery),
        (page) => documents.list(ref.resource, page),
        ({ resourceId }) => resourceId,
      );
      linkNext(context, request, reply, next);
      return { resources: entries.map(facts), next };
    });

    app.post("/admin/resources", async (request, reply) => {
      const asked = resourceRequest.parse(request.body);
      const { uri, name = uri, default: isDefault } = asked;
      const scopes = knownScope(policy, asked.scope);
      const once = await onceByKey(context, request, asked);
      const { resource, secret } = await createResource(
        once,
        { uri, name, scopes, isDefault },
        metadataOfAdministrator(request),
      ).catch(refusedUri);
      return reply
        .code(201)
        .header("location", `${policy.issuer}/admin/resources/${resource.resourceId}`)
        .send({ ...facts(resource), resource_secret: secret });
    });

    app.get<OfResource>("/admin/resources/:resourceId", async (request) =>
      facts(await resourceOf(context, request)),
    );

    app.put<OfResource>("/admin/resources/:resourceId/status", async (request) => {
      const type = statusRequest.parse(request.body).status === "active" ? "enable" : "disable";
      const { resourceId } = await resourceOf(context, request);
      return facts(await setResourceStatus(context, resourceId, type, metadataOfAdministrator(request)));
    });

    app.post<OfResource>("/admin/resources/:resourceId/secret", async (request) => {
      const asked = resourceSecretRequest.parse(request.body ?? {});
      const { resourceId } = await resourceOf(context, request);
      const { resource, secret } = await rotateResourceSecret(
        await onceByKey(context, request, asked),
        resourceId,
        asked.overlap_seconds * 1_000,
        metadataOfAdministrator(request),
      );
      return {
        resource_id: resourceId,
        resource_secret: secret,
        old_secret_expires_at: oldSecretExpiry(resource.secrets),
      };
    });
  };
