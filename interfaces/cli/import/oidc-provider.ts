import { z } from "zod";
import { clientEntry } from "./client-metadata.ts";
import { documentFormat, readEntry } from "./format.ts";
import { scopesIn } from "./texts.ts";

const texts = z.array(z.string());

/** Client metadata as oidc-provider is configured with (OpenID Connect Registration §2), and its defaults. */
const metadata = z.looseObject({
  client_id: z.string(),
  client_name: z.string().optional(),
  client_secret: z.string().optional(),
  redirect_uris: texts.default([]),
  grant_types: texts.default(["authorization_code"]),
  response_types: texts.optional(),
  scope: z.string().default(""),
  token_endpoint_auth_method: z.string().default("client_secret_basic"),
});

type Metadata = z.output<typeof metadata>;

/** What becomes of one client of oidc-provider. */
export const oidcProviderClient = (value: unknown, place: string) =>
  readEntry("client", metadata, value, { id: "client_id", place }, (client: Metadata) => {
    const { client_secret: secret } = client;
    return clientEntry({
      id: client.client_id,
      name: client.client_name,
      redirectUris: client.redirect_uris,
      authMethods: [client.token_endpoint_auth_method],
      grantTypes: client.grant_types,
      responseTypes: client.response_types,
      scopes: scopesIn(client.scope),
      more: client,
      secret: secret === undefined ? undefined : { kind: "clear", secret },
      isDisabled: false,
      notices: [],
    });
  });

/** A JSON array of client metadata: what stands in oidc-provider's configuration as `clients`. */
export const oidcProvider = documentFormat(
  z.array(z.unknown(), "must be an array of clients"),
  function* (clients) {
    for (const [index, client] of clients.entries()) yield oidcProviderClient(client, `#${index + 1}`);
  },
);
