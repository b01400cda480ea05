import { usesSecret } from "../../../domain/client/client.ts";
import { clientIdFault } from "../../../domain/client/client-id.ts";
import { passwordHashFault } from "../../../domain/oauth/password-hash.ts";
import { intersectScope } from "../../../domain/oauth/scope.ts";
import type { StoredSecret } from "../../../domain/oauth/secret.ts";
import type { Context } from "../../context.ts";
import { ref } from "../../documents.ts";
import { RefusedError } from "../../errors.ts";
import type { Policy } from "../../policy.ts";
import type { EventMetadata } from "../../ports/event-store.ts";
import { checkedMetadata, registerClient } from "../register-client.ts";
import { type ImportedClient, type ImportOptions, type Outcome, refusedEntry } from "./entry.ts";

/** Secrets in clear that are taken, in UTF-16 code units; a shorter one could be guessed. */
const secretLength = { min: 8, advised: 32, max: 256 };

/** A client that cannot be imported as it is. */
class Unfitting extends Error {
  readonly field: string;
  constructor(field: string, reason: string) {
    super(reason);
    this.field = field;
  }
}

/** The member of RFC 7591 that a refusal of ours speaks of. */
function fieldOf({ refusal: { error, description } }: RefusedError): string {
  if (error === "invalid_redirect_uri") return "redirect_uris";
  if (/grant_types|client_credentials|refresh_token/.test(description)) return "grant_types";
  return /jwks/.test(description) ? "jwks" : "token_endpoint_auth_method";
}

/** The scopes that the client gets here, and what is to be said of those that it loses. @throws {Unfitting} */
function scopesOf({ scopes }: ImportedClient, { clientScopes }: ImportOptions, policy: Policy) {
  const known = intersectScope(
    scopes,
    policy.scopes.map(({ name }) => name),
  );
  const lost = scopes.filter((scope) => !known.includes(scope));
  const notices = lost.length > 0 ? [`scopes that do not exist here are dropped: ${lost.join(" ")}`] : [];
  if (scopes.length === 0 || known.length > 0)
    return { scopes: known.length > 0 ? known : (clientScopes ?? []), notices };
  if (!clientScopes)
    throw new Unfitting(
      "scope",
      `none of its scopes exists here (${lost.join(" ")}): add them, or give --scopes`,
    );
  return { scopes: clientScopes, notices };
}

/** Whether a secret can be taken over, and what is to be said of it; undefined where a new one must be made. @throws {Unfitting} */
function checkSecret({ secret }: ImportedClient, { makesSecrets }: ImportOptions): string | undefined {
  const fault = secretFault(secret);
  if (fault === undefined) {
    const isShort = secret?.kind === "clear" && secret.secret.length < secretLength.advised;
    return isShort ? `its secret is shorter than ${secretLength.advised} characters: rotate it` : undefined;
  }
  if (makesSecrets) return undefined;
  throw new Unfitting("client_secret", `${fault}; --new-secrets makes a new one`);
}

function secretFault(secret: ImportedClient["secret"]): string | undefined {
  if (!secret) return "the file holds no secret";
  if (secret.kind === "hash") return passwordHashFault(secret.hash);
  const { length } = secret.secret;
  return length < secretLength.min || length > secretLength.max
    ? `a secret must have ${secretLength.min} to ${secretLength.max} characters`
    : undefined;
}

/** A secret as it is kept; undefined where one must be made. */
async function stored(
  { clientSecrets }: Pick<Context, "clientSecrets">,
  secret: ImportedClient["secret"],
): Promise<StoredSecret | undefined> {
  if (!secret || secretFault(secret) !== undefined) return undefined;
  if (secret.kind === "clear")
    return { kind: "argon2id", hash: await clientSecrets.hash(secret.secret), validUntil: null };
  const { hash } = secret;
  return { kind: clientSecrets.isCurrent(hash) ? "argon2id" : "foreign", hash, validUntil: null };
}

async function admit(
  context: Context,
  client: ImportedClient,
  options: ImportOptions,
  metadata: EventMetadata,
): Promise<Outcome> {
  const idFault = clientIdFault(client.id);
  if (idFault) throw new Unfitting("client_id", idFault);
  const [known] = await context.documents.fromLog([ref.client(client.id)]);
  const { kind, id } = client;
  if (known) {
    const reason = known.status === "deleted" ? { reason: "it was deleted here" } : {};
    return { kind, id, outcome: "already there", ...reason, notices: [] };
  }
  const { scopes, notices: ofScopes } = scopesOf(client, options, context.policy);
  const request = { ...client.request, scope: scopes.join(" ") };
  const { authMethods } = checkedMetadata(context.policy, request, "operator");
  const ofSecret = usesSecret(authMethods) ? checkSecret(client, options) : undefined;
  const notices = [...client.notices, ...ofScopes, ...(ofSecret === undefined ? [] : [ofSecret])];
  if (options.isDryRun) return { kind, id, outcome: "imported", notices };
  const secret = usesSecret(authMethods) ? await stored(context, client.secret) : undefined;
  const registered = await registerClient(context, {
    request,
    origin: "operator",
    isDisabled: client.isDisabled,
    isSelfManaged: false,
    credentials: { id, ...(secret ? { secret } : {}) },
    metadata,
  });
  const made = registered.secret === null ? {} : { secret: registered.secret };
  return { kind, id, outcome: "imported", ...made, notices };
}

/** Registers a client under the id that it has; one that is there already is left as it is. @throws {Unavailable} */
export async function importClient(
  context: Context,
  client: ImportedClient,
  options: ImportOptions,
  metadata: EventMetadata,
): Promise<Outcome> {
  try {
    return await admit(context, client, options, metadata);
  } catch (error) {
    if (error instanceof Unfitting) return refusedEntry(client, error.field, error.message);
    if (error instanceof RefusedError) return refusedEntry(client, fieldOf(error), error.refusal.description);
    throw error;
  }
}
