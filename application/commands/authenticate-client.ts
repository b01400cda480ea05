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

/** Whether one of the secrets that still open at `now` is this one. */
export async function isSecretValid(
  hashes: Passwords,
  secrets: readonly StoredSecret[],
  { secret, rawSecret }: { readonly secret: string; readonly rawSecret?: string | undefined },
  now: number,
): Promise<boolean> {
  const usable = usableSecrets(secrets, now);
  for (const presented of rawSecret === undefined ? [secret] : [secret, rawSecret]) {
    if (matchesGenerated(presented, usable)) return true;
    for (const { kind, hash } of usable)
      if (kind === "argon2id" && (await hashes.verify(presented, hash))) return true;
  }
  return false;
}

/**
 * The client that a request comes from, authenticated exactly as it registered (RFC 6749 §3.2.1, RFC 7523 §3).
 * @throws {RefusedError} invalid_client, or unauthorized_client where public clients are not allowed
 */
export async function authenticateClient(
  { documents, handle, clientSecrets, assertions, clock, policy }: Context,
  credentials: ClientCredentials,
  metadata: EventMetadata,
): Promise<Client> {
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
    case "client_secret_post":
      if (!(await isSecretValid(clientSecrets, client.secrets, credentials, clock.now())))
        throw failed("the secret is wrong");
      return client;
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
