import { refusal } from "../../domain/oauth/refusal.ts";
import type { Context } from "../context.ts";
import { type Ref, ref } from "../documents.ts";
import { RefusedError } from "../errors.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import type { Introspector } from "../queries/introspect.ts";
import { authenticateClient, type ClientCredentials, isSecretValid } from "./authenticate-client.ts";

/** What the ids of protected resources begin with. */
export const resourceIdPrefix = "rs_";

/** Whether an id is that of a protected resource. */
export const isResourceId = (id: string): boolean => id.startsWith(resourceIdPrefix);

/** Where it stands who introspects. */
export const documentOfIntrospector = (id: string): Ref<unknown> =>
  isResourceId(id) ? ref.resource(id) : ref.client(id);

const failed = () => new RefusedError(refusal("invalid_client", "Authentication failed"));

/**
 * Who introspects: a resource by its own credentials (Basic or post), or a confidential client (RFC 7662 §2.1).
 * @throws {RefusedError} invalid_client
 */
export async function authenticateIntrospector(
  context: Context,
  credentials: ClientCredentials,
  metadata: EventMetadata,
): Promise<Introspector> {
  if (credentials.method === "none") throw failed();
  if (!isResourceId(credentials.clientId))
    return { kind: "client", client: await authenticateClient(context, credentials, metadata) };
  const { documents, clientSecrets, clock } = context;
  const [resource] = await documents.load([ref.resource(credentials.clientId)]);
  if (resource?.status !== "active" || credentials.method === "private_key_jwt") throw failed();
  if (!(await isSecretValid(clientSecrets, resource.secrets, credentials, clock.now()))) throw failed();
  return { kind: "resource", resource };
}
