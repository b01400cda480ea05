import { assertionDecider } from "../../domain/client/assertion.ts";
import type { AuthMethod, Client } from "../../domain/client/client.ts";
import { type Refusal, refusal } from "../../domain/oauth/refusal.ts";
import { matchesGenerated, type StoredSecret, usableSecrets } from "../../domain/oauth/secret.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { RefusedError } from "../errors.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import type { Passwords } from "../ports/secrets.ts";
import { isActiveClient } from "../queries/standing.ts";
import { streams } from "../streams.ts";
import { renewSecretHash } from "./renew-hash.ts";

/** What a caller says of who it is, in one of the ways of RFC 6749 §2.3 and RFC 7523 §2.2. */
export type ClientCredentials =
  | { readonly method: "none"; readonly clientId: string }
  | {
      readonly method: "client_secret_basic" | "client_secret_post";
      readonly clientId: string;
      readonly secret: string;
      /** The same as it was sent, where that differs: many clients do not form-encode Basic credentials. */
      readonly rawSecret?: string | undefined;
    }
  | { readonly method: "private_key_jwt"; readonly clientId: string; readonly assertion: string };

const invalidClient = (reason: string): Refusal =>
  refusal("invalid_client", "Client authentication failed", reason);

interface Presented {
  readonly secret: string;
  readonly rawSecret?: string | undefined;
}

/** A secret that is right, and the imported hash that it was checked against, if it was one. */
interface RightSecret {
  readonly presented: string;
  readonly foreignHash: string | undefined;
}

/** What of these is one of the secrets that still open at `now`. */
async function rightSecret(
  hashes: Passwords,
  secrets: readonly StoredSecret[],
  { secret, rawSecret }: Presented,
  now: number,
): Promise<RightSecret | undefined> {
  const usable = usableSecrets(secrets, now);
  for (const presented of rawSecret === undefined ? [secret] : [secret, rawSecret]) {
    if (matchesGenerated(presented, usable)) return { presented, foreignHash: undefined };
    for (const { kind, hash } of usable)
      if (kind !== "sha256" && (await hashes.verify(presented, hash)))
        return { presented, foreignHash: kind === "foreign" ? hash : undefined };
  }
  return undefined;
}

/** Whether one of the secrets that still open at `now` is this one. */
export const isSecretValid = async (...asked: Parameters<typeof rightSecret>): Promise<boolean> =>
  (await rightSecret(...asked)) !== undefined;

/**
 * The client that a request comes from, authenticated exactly as it registered (RFC 6749 §3.2.1, RFC 7523 §3).
 * @throws {RefusedError} invalid_client, or unauthorized_client where public clients are not allowed
 */
export async function authenticateClient(
  context: Context,
  credentials: ClientCredentials,
  metadata: EventMetadata,
): Promise<Client> {
  const { documents, handle, clientSecrets, assertions, clock, policy } = context;
  const { clientId, method } = credentials;
  const [client] = await documents.load([ref.client(clientId)]);
  if (!isActiveClient(client)) throw new RefusedError(invalidClient("no client of this id is active"));
  const failed = (reason: string) => new RefusedError(invalidClient(reason), clientId);
  if (!client.authMethods.includes(method satisfies AuthMethod))
    throw failed(`it came by ${method} and registered ${client.authMethods.join(", ")}`);
  if (client.type === "public" && !policy.allowPublicClients)
    throw new RefusedError(refusal("unauthorized_client", "Public clients are not allowed"), clientId);
  switch (credentials.method) {
    case "none":
      return client;
    case "client_secret_basic":
    case "client_secret_post": {
      const right = await rightSecret(clientSecrets, client.secrets, credentials, clock.now());
      if (!right) throw failed("the secret is wrong");
      const { presented, foreignHash } = right;
      if (foreignHash !== undefined)
        await renewSecretHash(context, { clientId, from: foreignHash, presented }, metadata);
      return client;
    }
    case "private_key_jwt": {
      const claims = await assertions.verify(credentials.assertion, client, clock.now());
      if (!claims) throw failed("the assertion breaks a rule, or no key of the client has signed it");
      // The log itself is what makes an assertion good for one use, on every process.
      const { answer: isFirstUse } = await handle({
        stream: streams.assertion(clientId, claims.jti),
        decider: assertionDecider,
        command: () => ({ clientId, expiresAt: claims.expiresAt }),
        metadata,
      });
      if (!isFirstUse) throw failed("the assertion was used before");
      return client;
    }
  }
}
