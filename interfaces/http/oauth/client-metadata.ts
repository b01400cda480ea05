import { z } from "zod";
import { RefusedError } from "../../../application/errors.ts";
import type { Client } from "../../../domain/client/client.ts";
import type { RegistrationRequest } from "../../../domain/client/metadata.ts";
import { refusal } from "../../../domain/oauth/refusal.ts";
import { formatScope } from "../../../domain/oauth/scope.ts";

/** A URI of a client, checked by its use. */
export const clientUri = z.string().max(2_048);
const texts = z.array(z.string().max(256)).max(16);

const member = z.string().max(1_024).optional();

/** A public key (RFC 7517 §4, RFC 7518 §6); a private or symmetric one is refused, certificates are left out. */
const publicKey = z.object({
  kty: z.enum(["EC", "RSA", "OKP"]),
  kid: member,
  alg: member,
  use: member,
  crv: member,
  x: member,
  y: member,
  n: member,
  e: member,
  d: z.never().optional(),
  k: z.never().optional(),
});

/** The public keys of a client. */
export const keySet = z.object({ keys: z.array(publicKey).min(1).max(8) });

/** Client metadata of RFC 7591 §2; members that we do not know are ignored. */
export const clientMetadata = z.object({
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
  client_name: z.string().min(1).max(200).optional(),
  redirect_uris: z.array(clientUri).max(32).optional(),
  token_endpoint_auth_method: z.string().optional(),
  grant_types: texts.optional(),
  response_types: texts.optional(),
  scope: z.string().max(2_048).optional(),
  application_type: z.enum(["web", "native"]).optional(),
  jwks: keySet.optional(),
  jwks_uri: clientUri.optional(),
  client_uri: clientUri.optional(),
  software_id: z.string().max(256).optional(),
});

export type ClientMetadataBody = z.output<typeof clientMetadata>;

/** Reads a registration or its update. @throws {RefusedError} invalid_client_metadata or invalid_redirect_uri */
export function readClientMetadata(body: unknown): ClientMetadataBody {
  const parsed = clientMetadata.safeParse(body);
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path[0] ?? "The body");
  const error = field === "redirect_uris" ? "invalid_redirect_uri" : "invalid_client_metadata";
  throw new RefusedError(refusal(error, `${field} is malformed`));
}

/** What is asked for, in the terms of the domain. */
export function registrationRequestOf(body: ClientMetadataBody): RegistrationRequest {
  const { token_endpoint_auth_method: method } = body;
  return {
    name: body.client_name,
    redirectUris: body.redirect_uris ?? [],
    authMethods: method === undefined ? undefined : [method],
    grantTypes: body.grant_types,
    responseTypes: body.response_types,
    scope: body.scope,
    applicationType: body.application_type,
    jwks: body.jwks,
    jwksUri: body.jwks_uri,
    clientUri: body.client_uri,
    softwareId: body.software_id,
  };
}

/** The client information response of RFC 7591 §3.2.1 and RFC 7592 §3. */
export function clientInformation(
  client: Client,
  { issuer, secret, registrationToken }: { issuer: string; secret: string | null; registrationToken: string },
) {
  return {
    client_id: client.clientId,
    client_id_issued_at: Math.floor(client.registeredAt / 1000),
    ...(secret === null ? {} : { client_secret: secret, client_secret_expires_at: 0 }),
    registration_access_token: registrationToken,
    registration_client_uri: `${issuer}/auth/register/${client.clientId}`,
    client_name: client.name,
    redirect_uris: client.redirectUris,
    token_endpoint_auth_method: client.authMethods[0],
    grant_types: client.grantTypes,
    response_types: client.grantTypes.includes("authorization_code") ? ["code"] : [],
    scope: formatScope(client.scopes),
    application_type: client.applicationType,
    ...(client.jwks ? { jwks: client.jwks } : {}),
    ...(client.jwksUri ? { jwks_uri: client.jwksUri } : {}),
    ...(client.clientUri ? { client_uri: client.clientUri } : {}),
    ...(client.softwareId ? { software_id: client.softwareId } : {}),
  };
}
