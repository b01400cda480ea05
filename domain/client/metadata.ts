import { type ApplicationType, redirectUriFault } from "../oauth/redirect-uri.ts";
import { type Refusal, refusal } from "../oauth/refusal.ts";
import { intersectScope, parseScope, type Scope } from "../oauth/scope.ts";
import type { AuthMethod, ClientMetadata, GrantType, TokenFormat } from "./client.ts";

/** What is asked for at registration, in the terms of RFC 7591 §2, its shape already checked. */
export interface RegistrationRequest {
  readonly name?: string | undefined;
  readonly redirectUris: readonly string[];
  readonly authMethods?: readonly string[] | undefined;
  readonly grantTypes?: readonly string[] | undefined;
  readonly responseTypes?: readonly string[] | undefined;
  readonly scope?: string | undefined;
  readonly applicationType?: ApplicationType | undefined;
  readonly jwks?: ClientMetadata["jwks"] | undefined;
  readonly jwksUri?: string | undefined;
  readonly clientUri?: string | undefined;
  readonly softwareId?: string | undefined;
  readonly tokenFormat?: TokenFormat | undefined;
}

/** What registration allows here. */
export interface RegistrationRules {
  /** The scopes that may be given. */
  readonly scopes: Scope;
  /** What a client gets that names none of them. */
  readonly defaultScopes: Scope;
  readonly allowPublicClients: boolean;
  /** False where nobody vouches for the client: it then acts for people only, never for itself. */
  readonly allowClientCredentials: boolean;
}

/** What a public and what a confidential client may do, where an operator names only the type. */
export const standardCapabilities: Readonly<
  Record<"public" | "confidential", { readonly authMethods: AuthMethod[]; readonly grantTypes: GrantType[] }>
> = {
  public: { authMethods: ["none"], grantTypes: ["authorization_code", "refresh_token"] },
  confidential: {
    authMethods: ["client_secret_basic", "client_secret_post"],
    grantTypes: ["authorization_code", "refresh_token", "client_credentials"],
  },
};

const authMethods: readonly string[] = [
  "none",
  "client_secret_basic",
  "client_secret_post",
  "private_key_jwt",
] satisfies AuthMethod[];
const grantTypes: readonly string[] = [
  "authorization_code",
  "refresh_token",
  "client_credentials",
] satisfies GrantType[];

const invalid = (description: string): Refusal => refusal("invalid_client_metadata", description);

function methodsFault(methods: readonly string[], request: RegistrationRequest): string | undefined {
  if (methods.length === 0 || !methods.every((method) => authMethods.includes(method)))
    return "token_endpoint_auth_method is not supported";
  if (methods.includes("none") && methods.length > 1)
    return "a public client has no other authentication method";
  const usesKeys = methods.includes("private_key_jwt");
  const hasKeys = request.jwks !== undefined || request.jwksUri !== undefined;
  if (usesKeys && !hasKeys) return "private_key_jwt needs jwks or jwks_uri";
  if (request.jwks !== undefined && request.jwksUri !== undefined)
    return "jwks and jwks_uri exclude each other";
  if (request.jwksUri !== undefined && URL.parse(request.jwksUri)?.protocol !== "https:")
    return "jwks_uri must be an https URI";
  return undefined;
}

function grantTypesFault(types: readonly string[], isPublic: boolean, request: RegistrationRequest) {
  if (types.length === 0 || !types.every((type) => grantTypes.includes(type)))
    return "grant_types holds a grant type that is not supported";
  if (isPublic && types.includes("client_credentials"))
    return "a public client cannot use client_credentials";
  const byCode = types.includes("authorization_code");
  if (types.includes("refresh_token") && !byCode) return "refresh_token needs authorization_code";
  const responses = request.responseTypes ?? (byCode ? ["code"] : []);
  if (!responses.every((type) => type === "code") || (responses.length > 0 && !byCode))
    return "response_types does not fit grant_types";
  return undefined;
}

function redirectUrisFault(uris: readonly string[], byCode: boolean): string | undefined {
  if (byCode && uris.length === 0) return "at least one redirect URI is required";
  return uris.map(redirectUriFault).find((fault) => fault !== undefined);
}

/** The scopes that a client gets: what it named of those on offer, or the default where nothing is left of it. */
function scopesOf(scope: string | undefined, rules: RegistrationRules): Scope {
  const named = intersectScope(parseScope(scope ?? "") ?? [], rules.scopes);
  return named.length > 0 ? named : rules.defaultScopes;
}

/** Checks what a client says of itself against the rules (RFC 7591 §2, §3.2.2, RFC 8252, RFC 9700 §2.1). */
export function checkRegistration(
  request: RegistrationRequest,
  rules: RegistrationRules,
): ClientMetadata | Refusal {
  const methods = request.authMethods ?? ["client_secret_basic"];
  const types = request.grantTypes ?? ["authorization_code"];
  const isPublic = methods.includes("none");
  const fault = methodsFault(methods, request) ?? grantTypesFault(types, isPublic, request);
  if (fault) return invalid(fault);
  if (types.includes("client_credentials") && !rules.allowClientCredentials)
    return invalid("client_credentials needs somebody who vouches for the client");
  if (isPublic && !rules.allowPublicClients) return invalid("public clients are not allowed");
  const uriFault = redirectUrisFault(request.redirectUris, types.includes("authorization_code"));
  if (uriFault) return refusal("invalid_redirect_uri", uriFault);
  return {
    name: request.name ?? "Unnamed client",
    type: isPublic ? "public" : "confidential",
    applicationType: request.applicationType ?? "web",
    authMethods: methods as AuthMethod[],
    redirectUris: [...new Set(request.redirectUris)],
    grantTypes: [...new Set(types)] as GrantType[],
    scopes: scopesOf(request.scope, rules),
    tokenFormat: request.tokenFormat ?? "jwt",
    jwks: request.jwks ?? null,
    jwksUri: request.jwksUri ?? null,
    clientUri: request.clientUri ?? null,
    softwareId: request.softwareId ?? null,
  };
}
