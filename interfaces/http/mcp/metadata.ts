import type { FastifyInstance } from "fastify";
import { mcpResource, ordinaryScopes } from "../../../application/policy.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { resourceMetadataUrl } from "./caller.ts";

/** Protected resource metadata (RFC 9728 §3.2), where clients look it up: with the path, without, and under /auth. */
export function protectedResourceMetadata(app: FastifyInstance, { context }: HttpDependencies): void {
  const { issuer } = context.policy;
  const metadata = {
    resource: mcpResource(issuer),
    authorization_servers: [issuer],
    // A client that goes by this asks for all of it; administration is for those who ask by name.
    scopes_supported: ordinaryScopes(context.policy),
    bearer_methods_supported: ["header"],
    resource_name: "Music analysis MCP server",
  };
  const wellKnown = "/.well-known/oauth-protected-resource";
  const paths = [
    `${wellKnown}/mcp`,
    new URL(resourceMetadataUrl(issuer)).pathname,
    wellKnown,
    `/auth${wellKnown}`,
  ];
  for (const path of new Set(paths))
    app.get(path, async (_request, reply) =>
      reply.header("cache-control", "public, max-age=300").send(metadata),
    );
}
