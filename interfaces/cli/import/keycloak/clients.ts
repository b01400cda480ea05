import { z } from "zod";
import type { Entry } from "../../../../application/commands/import/entry.ts";
import { clientEntry } from "../client-metadata.ts";
import { readEntry, refused, skipped } from "../format.ts";
import { given } from "../texts.ts";

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value === true);

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

/** A client (ClientRepresentation). */
const keycloakClient = z.looseObject({
  clientId: z.string(),
  name: z.string().nullish(),
  enabled: z.boolean().default(true),
  protocol: z.string().nullish(),
  secret: z.string().nullish(),
  rootUrl: z.string().nullish(),
  redirectUris: texts,
  bearerOnly: flag,
  publicClient: flag,
  standardFlowEnabled: z.boolean().default(true),
  implicitFlowEnabled: flag,
  directAccessGrantsEnabled: flag,
  serviceAccountsEnabled: flag,
  clientAuthenticatorType: z.string().nullish(),
  defaultClientScopes: texts,
  optionalClientScopes: texts,
  attributes: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((attributes) => attributes ?? {}),
});

type KeycloakClient = z.output<typeof keycloakClient>;

/** Clients that every realm has for its own pages. */
const ownClients = [
  "account",
  "account-console",
  "admin-cli",
  "broker",
  "realm-management",
  "security-admin-console",
];

const authMethods: Readonly<Record<string, readonly string[]>> = {
  "client-secret": ["client_secret_basic", "client_secret_post"],
  "client-jwt": ["private_key_jwt"],
};

/** What an export that hides secrets holds instead. */
const masked = /^\*+$/;

const isOn = ({ attributes }: KeycloakClient, name: string): boolean =>
  attributes[name] === "true" || attributes[name] === true;

const isOff = ({ attributes }: KeycloakClient, name: string): boolean =>
  attributes[name] === "false" || attributes[name] === false;

function grantTypesOf(client: KeycloakClient): readonly string[] {
  const { standardFlowEnabled, serviceAccountsEnabled, publicClient } = client;
  return [
    ...(standardFlowEnabled ? ["authorization_code"] : []),
    ...(standardFlowEnabled && !isOff(client, "use.refresh.tokens") ? ["refresh_token"] : []),
    ...(serviceAccountsEnabled && !publicClient ? ["client_credentials"] : []),
    ...(client.implicitFlowEnabled ? ["implicit"] : []),
    ...(client.directAccessGrantsEnabled ? ["password"] : []),
    ...(isOn(client, "oauth2.device.authorization.grant.enabled") ? ["device_code"] : []),
    ...(isOn(client, "oidc.ciba.grant.enabled") ? ["ciba"] : []),
    ...(isOn(client, "standard.token.exchange.enabled") ? ["token-exchange"] : []),
  ];
}

/** A path is meant under the root URL of the client. */
const absolute = (uri: string, root: string | null | undefined): string =>
  uri.startsWith("/") && root ? `${root.replace(/\/$/, "")}${uri}` : uri;

/** Public keys of a client that signs assertions: by reference, or by value as JSON in a text. */
function keysOf(client: KeycloakClient): Readonly<Record<string, unknown>> {
  const { "jwks.url": url, "jwks.string": text } = client.attributes;
  if (isOn(client, "use.jwks.url") && typeof url === "string") return { jwks_uri: url };
  if (typeof text !== "string" || text === "") return {};
  try {
    return { jwks: JSON.parse(text) };
  } catch {
    return { jwks: "no JSON" };
  }
}

function noticesOf(client: KeycloakClient): readonly string[] {
  const usesPkce = client.attributes["pkce.code.challenge.method"] === "S256";
  return client.standardFlowEnabled && !usesPkce ? ["it has to send PKCE with S256"] : [];
}

function mapped(client: KeycloakClient): Entry {
  const { clientId: id, publicClient, protocol, clientAuthenticatorType } = client;
  if (ownClients.includes(id)) return skipped("client", id, "a client of Keycloak itself");
  if (protocol && protocol !== "openid-connect")
    return refused("client", id, "protocol", "it is not openid-connect");
  if (client.bearerOnly)
    return skipped("client", id, "a protected resource (bearerOnly): dacapo resource create makes it one");
  const methods = publicClient ? ["none"] : authMethods[clientAuthenticatorType ?? "client-secret"];
  if (!methods)
    return refused("client", id, "clientAuthenticatorType", "it is neither client-secret nor client-jwt");
  const secret = given(client.secret);
  const usesKeys = methods.includes("private_key_jwt");
  return clientEntry(
    {
      id,
      // A name in braces is a key of Keycloak's own translations.
      name: client.name?.startsWith("${") ? id : (given(client.name) ?? id),
      redirectUris: client.redirectUris.map((uri) => absolute(uri, client.rootUrl)),
      authMethods: methods,
      grantTypes: grantTypesOf(client),
      scopes: [...client.defaultClientScopes, ...client.optionalClientScopes],
      more: usesKeys ? keysOf(client) : {},
      secret: secret === undefined || masked.test(secret) ? undefined : { kind: "clear", secret },
      isDisabled: !client.enabled,
      notices: noticesOf(client),
    },
    { redirect_uris: "redirectUris", client_name: "name", grant_types: "standardFlowEnabled" },
  );
}

/** What becomes of one client of a realm. */
export const keycloakClientEntry = (value: unknown, place: string): Entry =>
  readEntry("client", keycloakClient, value, { id: "clientId", place }, mapped);
