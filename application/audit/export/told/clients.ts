import type { AssertionEvent } from "../../../../domain/client/assertion.ts";
import type { Client, ClientEvent } from "../../../../domain/client/client.ts";
import type { Resource, ResourceEvent } from "../../../../domain/resource/resource.ts";
import { type Facts, pick, type Told } from "./told.ts";

/** Its keys stay out: whoever registers may have put the wrong half of one there. */
const clientOf = (client: Client): Facts => ({
  ...pick(client, "clientId", "name", "type", "applicationType", "authMethods", "redirectUris", "grantTypes"),
  ...pick(client, "scopes", "tokenFormat", "jwksUri", "clientUri", "softwareId", "origin"),
  ...pick(client, "epoch", "status", "registeredAt"),
});

const resourceOf = (resource: Resource): Facts =>
  pick(resource, "resourceId", "uri", "name", "scopes", "isDefault", "status", "registeredAt");

const changed = ({ client, at }: { client: Client; at: number }): Facts => ({ ...clientOf(client), at });

const resourceChanged = ({ resource, at }: { resource: Resource; at: number }): Facts => ({
  ...resourceOf(resource),
  at,
});

/** What is given out of clients and protected resources. */
export const toldOfClients: Told<ClientEvent | AssertionEvent | ResourceEvent> = {
  "client.registered": ({ client }) => clientOf(client),
  "client.updated": changed,
  "client.secret_rotated": (data) => ({ ...changed(data), compromised: data.compromised }),
  "client.secret_hash_renewed": changed,
  "client.disabled": changed,
  "client.enabled": changed,
  "client.deleted": changed,
  "client.tokens_ended": changed,
  "client.assertion.used": ({ assertion }) => pick(assertion, "clientId", "expiresAt"),
  "resource.registered": ({ resource }) => resourceOf(resource),
  "resource.secret_rotated": resourceChanged,
  "resource.disabled": resourceChanged,
  "resource.enabled": resourceChanged,
};
