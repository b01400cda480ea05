import { type Client, type ClientCommand, clientDecider } from "../../domain/client/client.ts";
import type { RegistrationRequest } from "../../domain/client/metadata.ts";
import { refusal } from "../../domain/oauth/refusal.ts";
import { generatedSecret } from "../../domain/oauth/secret.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { RefusedError } from "../errors.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { confirmed } from "./confirm.ts";
import { checkedMetadata } from "./register-client.ts";

/**
 * The client that a metadata document describes, as it is known here, or would be once somebody agrees to it.
 * @throws {RefusedError} where the document describes no client that is allowed here
 */
export async function clientDescribedBy(
  { documents, policy, clock }: Pick<Context, "documents" | "policy" | "clock">,
  clientId: string,
  { authMethods = ["none"], ...request }: RegistrationRequest,
): Promise<Client> {
  // A secret that the world can read is none (Client ID Metadata Documents §4.1).
  if (authMethods.some((method) => method.startsWith("client_secret")))
    throw new RefusedError(refusal("invalid_client_metadata", "A document cannot hold a secret"), clientId);
  // Keys that the document holds would be those of the last sign-in; by reference they are those of now.
  if (request.jwks !== undefined)
    throw new RefusedError(refusal("invalid_client_metadata", "Keys come by jwks_uri"), clientId);
  // Nobody let it in: whoever can publish a document is a client, so it acts for people only.
  const metadata = checkedMetadata(policy, { ...request, authMethods }, "self_registered", false);
  const [known] = await documents.load([ref.client(clientId)]);
  return {
    clientId,
    origin: "self_registered",
    secrets: [],
    registrationTokenHash: null,
    epoch: 0,
    status: "active",
    registeredAt: clock.now(),
    ...known,
    ...metadata,
  };
}

/** Records a client that somebody agreed to, or what is new in its document; returns when the client can be used. */
export async function recordDescribedClient(
  context: Context,
  client: Client,
  metadata: EventMetadata,
): Promise<void> {
  const { epoch: _epoch, status: _status, ...registered } = client;
  const { clientId, origin, secrets, registrationTokenHash, registeredAt, ...described } = registered;
  await confirmed(context, {
    stream: streams.client(clientId),
    decider: clientDecider,
    command: (known): ClientCommand =>
      known
        ? {
            type: "update",
            metadata: described,
            freshSecret: generatedSecret(context.secrets.random()),
            now: context.clock.now(),
          }
        : { type: "register", client: registered },
    metadata,
  });
}
