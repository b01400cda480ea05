import { type Client, type ClientMetadata, clientDecider, usesSecret } from "../../domain/client/client.ts";
import { checkRegistration, type RegistrationRequest } from "../../domain/client/metadata.ts";
import { sha256 } from "../../domain/oauth/hash.ts";
import { isRefusal } from "../../domain/oauth/refusal.ts";
import { generatedSecret, type StoredSecret } from "../../domain/oauth/secret.ts";
import type { Context } from "../context.ts";
import { RefusedError } from "../errors.ts";
import { ordinaryScopes, type Policy } from "../policy.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { confirmed } from "./confirm.ts";

/** A client, with the secrets that are shown this once and kept only as hashes. */
export interface RegisteredClient {
  readonly client: Client;
  readonly secret: string | null;
  readonly registrationToken: string | null;
}

export interface ClientRegistration {
  readonly request: RegistrationRequest;
  /** `self_registered`: nobody vouches for the client, and it never gets the administrative scope. */
  readonly origin: Client["origin"];
  /** Whether the client may do nothing until an operator enables it. */
  readonly isDisabled?: boolean;
  /** Whether the client may manage its registration (RFC 7592). */
  readonly isSelfManaged: boolean;
  /** Where set, what to register with instead of a fresh id and secret. */
  readonly credentials?: { readonly id: string; readonly secret?: StoredSecret };
  readonly metadata: EventMetadata;
}

/**
 * What a client says of itself, checked against what is allowed here.
 * @param isVouchedFor whether somebody let this client in: an operator, or whoever gave it the initial access token
 * @throws {RefusedError}
 */
export function checkedMetadata(
  policy: Policy,
  request: RegistrationRequest,
  origin: Client["origin"],
  isVouchedFor = origin === "operator" || policy.registration === "closed",
): ClientMetadata {
  const all = policy.scopes.map(({ name }) => name);
  const defaultScopes = ordinaryScopes(policy);
  const checked = checkRegistration(request, {
    scopes: origin === "operator" ? all : defaultScopes,
    defaultScopes,
    allowPublicClients: policy.allowPublicClients,
    allowClientCredentials: isVouchedFor,
  });
  if (isRefusal(checked)) throw new RefusedError(checked);
  return checked;
}

/** A fresh client id. */
export const newClientId = ({ secrets }: Pick<Context, "secrets">): string => `c_${secrets.newId()}`;

/** Registers a client (RFC 7591 §3); returns when it can be used. @throws {RefusedError} @throws {Unavailable} */
export async function registerClient(
  context: Context,
  { request, origin, isDisabled, isSelfManaged, credentials, metadata }: ClientRegistration,
): Promise<RegisteredClient> {
  const { secrets, clock, policy } = context;
  const checked = checkedMetadata(policy, request, origin);
  const id = credentials?.id ?? newClientId(context);
  const isSecretNeeded = usesSecret(checked.authMethods) && !credentials?.secret;
  const secret = isSecretNeeded ? secrets.random() : null;
  const stored = credentials?.secret ?? (secret === null ? undefined : generatedSecret(secret));
  const registrationToken = isSelfManaged ? `dcg_${secrets.random()}` : null;
  const answer = await confirmed(context, {
    stream: streams.client(id),
    decider: clientDecider,
    command: () => ({
      type: "register" as const,
      isDisabled,
      client: {
        clientId: id,
        ...checked,
        origin,
        secrets: stored ? [stored] : [],
        registrationTokenHash: registrationToken && sha256(registrationToken),
        registeredAt: clock.now(),
      },
    }),
    metadata,
  });
  return { client: answer, secret, registrationToken };
}
