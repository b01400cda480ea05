import type { Client, ClientEvent } from "../../domain/client/client.ts";
import type { Consent, ConsentEvent } from "../../domain/consent/consent.ts";
import type { Resource, ResourceEvent } from "../../domain/resource/resource.ts";
import { projection, type Write } from "./projection.ts";

const putClient = ({ client }: { client: Client }): Write => ({ id: client.clientId, document: client });

export const clients = projection<ClientEvent>("clients", 1, {
  "client.registered": putClient,
  "client.updated": putClient,
  "client.secret_rotated": putClient,
  "client.secret_hash_renewed": putClient,
  "client.disabled": putClient,
  "client.enabled": putClient,
  "client.deleted": putClient,
  "client.tokens_ended": putClient,
});

const putResource = ({ resource }: { resource: Resource }): Write => ({
  id: resource.resourceId,
  document: resource,
  indexes: {
    uri: resource.uri,
    ...(resource.isDefault && resource.status === "active" ? { default: "yes" } : {}),
  },
});

export const resources = projection<ResourceEvent>("resources", 1, {
  "resource.registered": putResource,
  "resource.secret_rotated": putResource,
  "resource.disabled": putResource,
  "resource.enabled": putResource,
});

/** The id of the document that holds what a user agreed to for a client. */
export const consentId = (userId: string, clientId: string): string => `${userId} ${clientId}`;

const putConsent = ({ consent }: { consent: Consent }): Write => ({
  id: consentId(consent.userId, consent.clientId),
  document: consent,
});

export const consents = projection<ConsentEvent>("consents", 1, {
  "consent.given": putConsent,
  "consent.withdrawn": putConsent,
});
