import type { Client } from "../../domain/client/client.ts";
import { isPkceValue } from "../../domain/oauth/pkce.ts";
import { redirectUriMatches } from "../../domain/oauth/redirect-uri.ts";
import { type Refusal, refusal } from "../../domain/oauth/refusal.ts";
import { intersectScope, parseScope, type Scope } from "../../domain/oauth/scope.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { RefusedError } from "../errors.ts";
import { audienceFor, defaultScope } from "./client-defaults.ts";
import { isActiveClient } from "./standing.ts";

export type ResponseMode = "query" | "form_post";
export type Prompt = "none" | "login" | "consent" | "select_account";

/** Where the answer of an authorization request goes. */
export interface ReturnAddress {
  readonly client: Client;
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  readonly state: string | undefined;
}

/** An authorization request that may be granted, if the person agrees (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707). */
export interface AuthorizationRequest extends ReturnAddress {
  /** What was asked for and the client may have. */
  readonly scope: Scope;
  readonly audience: readonly string[];
  readonly challenge: string | null;
  readonly prompts: readonly Prompt[];
  /** Seconds since the last sign-in that the client accepts. */
  readonly maxAge: number | undefined;
}

/** `page`: nobody but the person may be told. `error`: the client is told at its redirect URI. */
export type AuthorizationOutcome =
  | { readonly kind: "page"; readonly description: string }
  | { readonly kind: "error"; readonly returnTo: ReturnAddress; readonly refusal: Refusal }
  | { readonly kind: "valid"; readonly request: AuthorizationRequest };

/** The parameters of a request: an empty value is an absent one (RFC 6749 §3.1). */
type Parameters = Readonly<Record<string, readonly string[]>>;

const prompts: readonly string[] = ["none", "login", "consent", "select_account"] satisfies Prompt[];

const single = (parameters: Parameters, name: string): string | undefined =>
  parameters[name]?.length === 1 ? parameters[name][0] : undefined;

const page = (description: string): AuthorizationOutcome => ({ kind: "page", description });

/** The redirect URI to answer at; undefined where none can be trusted. */
function redirectUriOf(client: Client, asked: readonly string[] | undefined): string | undefined {
  if (!asked) return client.redirectUris.length === 1 ? client.redirectUris[0] : undefined;
  const [uri, ...more] = asked;
  if (uri === undefined || more.length > 0) return undefined;
  const isKnown = client.redirectUris.some((known) => redirectUriMatches(uri, known, client.applicationType));
  return isKnown ? uri : undefined;
}

function challengeFault(parameters: Parameters, client: Client, requirePkce: boolean): string | undefined {
  const challenge = single(parameters, "code_challenge");
  const method = single(parameters, "code_challenge_method");
  if (challenge === undefined) {
    const isExcused = !requirePkce && client.type === "confidential" && method === undefined;
    return isExcused ? undefined : "PKCE is required: code_challenge is missing";
  }
  if (method !== "S256") return "code_challenge_method must be S256";
  return isPkceValue(challenge) ? undefined : "code_challenge must be 43 to 128 unreserved characters";
}

function promptsOf(parameters: Parameters): readonly Prompt[] | undefined {
  const values = (single(parameters, "prompt") ?? "").split(" ").filter((value) => value !== "");
  if (!values.every((value) => prompts.includes(value))) return undefined;
  if (values.includes("none") && values.length > 1) return undefined;
  return values as Prompt[];
}

/** What is wrong with the parameters that depend on nothing else, in the order in which clients are told. */
function parameterFault(parameters: Parameters, client: Client, requirePkce: boolean): Refusal | undefined {
  const repeated = Object.entries(parameters).some(([name, all]) => name !== "resource" && all.length > 1);
  if (repeated) return refusal("invalid_request", "A parameter is repeated");
  if (parameters.request) return refusal("request_not_supported", "Request objects are not supported");
  if (parameters.request_uri)
    return refusal("request_uri_not_supported", "Request objects are not supported");
  const responseType = single(parameters, "response_type");
  if (responseType === undefined) return refusal("invalid_request", "response_type is missing");
  if (responseType !== "code") return refusal("unsupported_response_type", "response_type must be code");
  if (!["query", "form_post"].includes(single(parameters, "response_mode") ?? "query"))
    return refusal("unsupported_response_mode", "response_mode must be query or form_post");
  if (!client.grantTypes.includes("authorization_code"))
    return refusal("unauthorized_client", "The client may not use the authorization code grant");
  const challenge = challengeFault(parameters, client, requirePkce);
  if (challenge) return refusal("invalid_request", challenge);
  if (!promptsOf(parameters)) return refusal("invalid_request", "prompt is malformed");
  if (!/^\d{0,9}$/.test(single(parameters, "max_age") ?? ""))
    return refusal("invalid_request", "max_age must be a number of seconds");
  return undefined;
}

/** The scope that is asked for, as far as the client may have it. */
function scopeOf(parameters: Parameters, client: Client, supported: Scope): Scope | Refusal {
  const asked = single(parameters, "scope");
  if (asked === undefined) {
    const defaults = defaultScope(client);
    return defaults.length > 0 ? defaults : refusal("invalid_scope", "The client has no scope by default");
  }
  const scope = parseScope(asked);
  if (!scope) return refusal("invalid_scope", "The scope is malformed");
  if (!scope.every((token) => supported.includes(token)))
    return refusal("invalid_scope", "The scope is unknown");
  const allowed = intersectScope(scope, client.scopes);
  return allowed.length > 0 ? allowed : refusal("invalid_scope", "The client may have none of these scopes");
}

/**
 * Reads an authorization request (RFC 6749 §4.1.1): who asks, where the answer goes, what is asked for.
 * @param described the client, where the document that its id names was read already
 */
export async function readAuthorizationRequest(
  context: Pick<Context, "documents" | "policy">,
  parameters: Parameters,
  described?: Client,
): Promise<AuthorizationOutcome> {
  const { documents, policy } = context;
  const clientId = single(parameters, "client_id");
  if (clientId === undefined) return page("Invalid client_id");
  const [client] = described ? [described] : await documents.load([ref.client(clientId)]);
  if (!isActiveClient(client)) return page("Invalid client_id");
  const redirectUri = redirectUriOf(client, parameters.redirect_uri);
  if (redirectUri === undefined) return page("Invalid redirect_uri");

  const responseMode = single(parameters, "response_mode") === "form_post" ? "form_post" : "query";
  const returnTo: ReturnAddress = { client, redirectUri, responseMode, state: single(parameters, "state") };
  const error = (because: Refusal): AuthorizationOutcome => ({ kind: "error", returnTo, refusal: because });
  const fault = parameterFault(parameters, client, policy.requirePkce);
  if (fault) return error(fault);
  if (client.type === "public" && !policy.allowPublicClients)
    return error(refusal("unauthorized_client", "Public clients are not allowed"));
  const scope = scopeOf(
    parameters,
    client,
    policy.scopes.map(({ name }) => name),
  );
  if ("refused" in scope) return error(scope);
  const audience = await audienceFor(context, client, parameters.resource).catch((failure: unknown) => {
    if (failure instanceof RefusedError) return failure.refusal;
    throw failure;
  });
  if ("refused" in audience) return error(audience);
  const maxAge = single(parameters, "max_age");
  return {
    kind: "valid",
    request: {
      ...returnTo,
      scope,
      audience,
      challenge: single(parameters, "code_challenge") ?? null,
      prompts: promptsOf(parameters) ?? [],
      maxAge: maxAge === undefined ? undefined : Number(maxAge),
    },
  };
}
