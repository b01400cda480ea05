import { resourceIdPrefix } from "../../application/commands/authenticate-introspector.ts";
import { createResource, newResourceCredentials } from "../../application/commands/manage-resources.ts";
import type { Context } from "../../application/context.ts";
import { ref } from "../../application/documents.ts";
import { RefusedError } from "../../application/errors.ts";
import { mcpResource } from "../../application/policy.ts";
import type { EventMetadata } from "../../application/ports/event-store.ts";
import { sha256 } from "../../domain/oauth/hash.ts";
import { normaliseResource } from "../../domain/oauth/resource-indicator.ts";

/** The MCP server as a protected resource, registered where that was not done yet. */
export async function ensureMcpResource(context: Context, metadata: EventMetadata): Promise<void> {
  const uri = mcpResource(context.policy.issuer);
  const [known] = await context.documents.find(ref.resource, ["uri", normaliseResource(uri) ?? uri]);
  if (known) return;
  const { secret } = newResourceCredentials(context);
  await createResource(
    context,
    {
      uri,
      name: "Music analysis MCP server",
      scopes: context.policy.scopes.map(({ name }) => name),
      isDefault: true,
      // The same id wherever this runs, so that two at once register one.
      credentials: { id: `${resourceIdPrefix}${sha256(uri).slice(0, 22)}`, secret },
    },
    metadata,
  ).catch((error: unknown) => {
    if (!(error instanceof RefusedError)) throw error;
  });
}
