import type { AssertionEvent } from "../../../domain/client/assertion.ts";
import type { ClientEvent } from "../../../domain/client/client.ts";
import type { ResourceEvent } from "../../../domain/resource/resource.ts";
import { scopeText, type Words } from "./words.ts";

/** What is told of clients and protected resources. Their names and URIs are what others typed, and stay out. */
export const clientWords: Words<ClientEvent | AssertionEvent | ResourceEvent> = {
  "client.registered": ({ client }) =>
    `client ${client.clientId}: registered by ${client.origin === "operator" ? "an operator" : "itself"}, ${client.type}, ${scopeText(client.scopes)}`,
  "client.updated": ({ client }) =>
    `client ${client.clientId}: metadata changed, ${scopeText(client.scopes)}`,
  "client.secret_rotated": ({ client, compromised }) =>
    `client ${client.clientId}: new secret${compromised ? "; the old one was compromised, so all its tokens are dead" : ""}`,
  "client.secret_hash_renewed": ({ client }) =>
    `client ${client.clientId}: the imported hash of its secret was replaced; nothing ended`,
  "client.disabled": ({ client }) => `client ${client.clientId}: disabled; its tokens are dead`,
  "client.enabled": ({ client }) => `client ${client.clientId}: enabled; nothing that ended comes back`,
  "client.deleted": ({ client }) => `client ${client.clientId}: deleted; its tokens are dead`,
  "client.tokens_ended": ({ client }) =>
    `client ${client.clientId}: all its tokens were ended; it may ask for new ones`,
  "client.assertion.used": ({ assertion }) =>
    `client ${assertion.clientId}: authenticated by an assertion, which is good for this once`,
  "resource.registered": ({ resource }) =>
    `resource ${resource.resourceId}: registered, ${scopeText(resource.scopes)}`,
  "resource.secret_rotated": ({ resource }) => `resource ${resource.resourceId}: new secret`,
  "resource.disabled": ({ resource }) => `resource ${resource.resourceId}: disabled`,
  "resource.enabled": ({ resource }) => `resource ${resource.resourceId}: enabled`,
};
