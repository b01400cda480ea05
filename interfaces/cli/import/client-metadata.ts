import type { Entry, ImportedSecret } from "../../../application/commands/import/entry.ts";
import { RefusedError } from "../../../application/errors.ts";
import { adminScope } from "../../../application/policy.ts";
import type { AuthMethod, GrantType, TokenFormat } from "../../../domain/client/client.ts";
import { readClientMetadata, registrationRequestOf } from "../../http/oauth/client-metadata.ts";
import { refused } from "./format.ts";

/** A client in the terms of RFC 7591 §2, as far as another product has said it so. */
export interface ClientInTerms {
  readonly id: string;
  readonly name: string | undefined;
  readonly redirectUris: readonly string[];
  readonly authMethods: readonly string[];
  readonly grantTypes: readonly string[];
  readonly responseTypes?: readonly string[] | undefined;
  readonly scopes: readonly string[];
  /** Whether they are ours, so that the administrative one is meant where it is named. */
  readonly hasOwnScopes?: boolean;
  /** Public keys, and other members that our own registration reads as they are. */
  readonly more: Readonly<Record<string, unknown>>;
  readonly tokenFormat?: TokenFormat | undefined;
  readonly secret: ImportedSecret | undefined;
  readonly isDisabled: boolean;
  readonly notices: readonly string[];
}

/** How a product names its members, where a refusal names one. */
export type FieldNames = Readonly<Record<string, string>>;

const grants: readonly string[] = [
  "authorization_code",
  "refresh_token",
  "client_credentials",
] satisfies GrantType[];
const methods: readonly string[] = [
  "none",
  "client_secret_basic",
  "client_secret_post",
  "private_key_jwt",
] satisfies AuthMethod[];

/** What we know of these, and a notice of the others. */
function sorted(what: string, given: readonly string[], known: readonly string[]) {
  const lost = given.filter((value) => !known.includes(value));
  return {
    kept: given.filter((value) => known.includes(value)),
    notices: lost.length > 0 ? [`${what} that there are not here are dropped: ${lost.join(" ")}`] : [],
  };
}

/** Grant types that we have; a refresh token comes with a code only. */
function grantTypesOf({ grantTypes, responseTypes = [] }: ClientInTerms) {
  const { kept, notices } = sorted("grant types", grantTypes, grants);
  const byCode = kept.includes("authorization_code");
  const types = byCode ? kept : kept.filter((type) => type !== "refresh_token");
  const ofResponses = sorted("response types", responseTypes, ["code"]).notices;
  return { types, byCode, notices: [...notices, ...ofResponses] };
}

/** What somebody else calls admin opens nothing of ours. */
function scopesOf({ scopes, hasOwnScopes }: ClientInTerms) {
  if (hasOwnScopes) return { kept: scopes, notices: [] };
  const kept = [...new Set(scopes)].filter((scope) => scope !== adminScope);
  const notices = scopes.includes(adminScope)
    ? [`scope ${adminScope} is dropped: here it administers the server`]
    : [];
  return { kept, notices };
}

const wildcard =
  "a redirect URI with a wildcard: they are compared exactly (RFC 9700 section 2.1), so name each";

/** The client as we register it, or why that cannot be. */
export function clientEntry(client: ClientInTerms, names: FieldNames = {}): Entry {
  const { id, name, authMethods, more, secret, isDisabled } = client;
  const refuse = (field: string, reason: string) => refused("client", id, names[field] ?? field, reason);
  const grant = grantTypesOf(client);
  if (grant.types.length === 0)
    return refuse("grant_types", `none of its grant types is one of ${grants.join(", ")}`);
  const foreign = authMethods.find((method) => !methods.includes(method));
  if (foreign !== undefined)
    return refuse("token_endpoint_auth_method", `it is none of ${methods.join(", ")}`);
  const redirectUris = grant.byCode ? client.redirectUris : [];
  if (redirectUris.some((uri) => uri.includes("*"))) return refuse("redirect_uris", wildcard);
  try {
    const read = registrationRequestOf(
      readClientMetadata({
        ...more,
        client_name: name,
        redirect_uris: redirectUris,
        grant_types: grant.types,
      }),
    );
    const scopes = scopesOf(client);
    const { scope: _scope, ...request } = read;
    return {
      kind: "client",
      id,
      request: { ...request, authMethods, tokenFormat: client.tokenFormat },
      scopes: scopes.kept,
      secret,
      isDisabled,
      notices: [...client.notices, ...grant.notices, ...scopes.notices],
    };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const [field = ""] = error.refusal.description.split(" ");
    return refuse(field, error.refusal.description);
  }
}
