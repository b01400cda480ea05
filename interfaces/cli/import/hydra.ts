import { z } from "zod";
import { clientEntry } from "./client-metadata.ts";
import { documentFormat, readEntry } from "./format.ts";
import { secretOrHash } from "./secret-of.ts";
import { given, scopesIn } from "./texts.ts";

const text = z.string().nullish();
const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

/** A client as Hydra's administrative API tells it; what is not set is an empty text, list or object. */
const hydraClient = z.looseObject({
  client_id: z.string(),
  client_name: text,
  client_secret: text,
  redirect_uris: texts,
  grant_types: texts,
  response_types: texts,
  audience: texts,
  scope: text,
  token_endpoint_auth_method: text,
  access_token_strategy: text,
  client_uri: text,
  jwks: z.looseObject({ keys: z.array(z.unknown()).nullish() }).nullish(),
  jwks_uri: text,
});

type HydraClient = z.output<typeof hydraClient>;

function noticesOf({ audience, subject_type: subject, skip_consent: skips }: HydraClient): readonly string[] {
  return [
    ...(audience.length > 0
      ? [`audience becomes a parameter of the request (RFC 8707): resource=${audience.join(", ")}`]
      : []),
    ...(subject === "pairwise" ? ["its people had pairwise identifiers, and get one and the same"] : []),
    ...(skips === true ? ["consent is asked for"] : []),
  ];
}

/** What becomes of one client of Hydra. */
export const hydraEntry = (value: unknown, place: string) =>
  readEntry("client", hydraClient, value, { id: "client_id", place }, (client: HydraClient) => {
    const strategy = client.access_token_strategy;
    const hasKeys = (client.jwks?.keys?.length ?? 0) > 0;
    return clientEntry({
      id: client.client_id,
      name: given(client.client_name),
      redirectUris: client.redirect_uris,
      authMethods: [given(client.token_endpoint_auth_method) ?? "client_secret_basic"],
      grantTypes: client.grant_types.length > 0 ? client.grant_types : ["authorization_code"],
      responseTypes: client.response_types,
      scopes: scopesIn(client.scope ?? ""),
      more: {
        jwks: hasKeys ? client.jwks : undefined,
        jwks_uri: given(client.jwks_uri),
        client_uri: given(client.client_uri),
      },
      tokenFormat: strategy === "opaque" || strategy === "jwt" ? strategy : undefined,
      secret: secretOrHash(given(client.client_secret)),
      isDisabled: false,
      notices: noticesOf(client),
    });
  });

/** What `hydra list oauth2-clients --format json` and GET /admin/clients answer: an array, or a page with `items`. */
export const hydra = documentFormat(
  z.union(
    [z.array(z.unknown()), z.looseObject({ items: z.array(z.unknown()) }).transform(({ items }) => items)],
    "must be an array of clients, or an object with items",
  ),
  function* (clients) {
    for (const [index, client] of clients.entries()) yield hydraEntry(client, `#${index + 1}`);
  },
);
