import { clientDescribedBy } from "../../../application/commands/described-client.ts";
import { RefusedError } from "../../../application/errors.ts";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Client } from "../../../domain/client/client.ts";
import { refusal } from "../../../domain/oauth/refusal.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { readClientMetadata, registrationRequestOf } from "./client-metadata.ts";

/**
 * Fetches the document that a client id names and reads the client from it. Only for somebody who is signed in:
 * strangers make us fetch nothing. @throws {RefusedError} @throws {Unavailable}
 */
export async function fetchClient(
  { context, clientDocuments, logger }: Pick<HttpDependencies, "context" | "clientDocuments" | "logger">,
  clientId: string,
): Promise<Client> {
  const refuse = (description: string) =>
    new RefusedError(refusal("invalid_client_metadata", description), clientId);
  try {
    const body = readClientMetadata(await clientDocuments.read(clientId));
    if (body.client_id !== clientId) throw refuse("The document is that of another client");
    if (body.client_secret !== undefined) throw refuse("The document must not hold a secret");
    return await clientDescribedBy(context, clientId, registrationRequestOf(body));
  } catch (error) {
    if (error instanceof RefusedError || error instanceof Unavailable) throw error;
    logger.info({ err: error, clientId }, "a client metadata document cannot be read");
    throw refuse("The document of the client cannot be read");
  }
}
