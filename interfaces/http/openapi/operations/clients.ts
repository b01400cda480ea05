import { clientRequest, clientSecretRequest, clientsQuery } from "../../admin/clients.ts";
import { grantsQuery } from "../../admin/grants.ts";
import { statusRequest } from "../../admin/input.ts";
import { keyRotation } from "../../admin/keys.ts";
import { resourceRequest, resourceSecretRequest, resourcesQuery } from "../../admin/resources.ts";
import {
  clientAnswer,
  clientSecretAnswer,
  clientsAnswer,
  grantAnswer,
  grantsAnswer,
  keysAnswer,
  resourceAnswer,
  resourceSecretAnswer,
  resourcesAnswer,
  writtenClientAnswer,
  writtenResourceAnswer,
} from "../answers/admin.ts";
import { answered, answeredNothing, type Operations } from "../operation.ts";
import { administrative, created, listed } from "./administrative.ts";

const faults = ["notFound"] as const;

/** /admin/clients */
export const clients: Operations = {
  "/admin/clients": {
    get: administrative({
      ...{ id: "listClients", tag: "Clients", summary: "List clients, page by page" },
      query: clientsQuery,
      answers: { "200": listed("A page of clients in the order of their ids", clientsAnswer) },
    }),
    post: administrative({
      ...{ id: "createClient", tag: "Clients", summary: "Register a client" },
      body: clientRequest,
      isRepeatable: true,
      answers: { "201": created("The client", writtenClientAnswer) },
    }),
  },
  "/admin/clients/{clientId}": {
    get: administrative({
      ...{ id: "getClient", tag: "Clients", summary: "Read a client", path: ["clientId"], faults },
      answers: { "200": answered("The client", clientAnswer) },
    }),
    put: administrative({
      ...{
        id: "replaceClient",
        tag: "Clients",
        summary: "Replace what is said of a client",
        path: ["clientId"],
      },
      description: "What is left out is as for a new client, but the form of its tokens stays.",
      body: clientRequest,
      faults: ["notFound", "conflict"],
      answers: { "200": answered("The client as it is now", writtenClientAnswer) },
    }),
    delete: administrative({
      ...{ id: "deleteClient", tag: "Clients", summary: "End a client and all its tokens for ever" },
      ...{ path: ["clientId"], faults },
      answers: { "204": answeredNothing("It is deleted") },
    }),
  },
  "/admin/clients/{clientId}/status": {
    put: administrative({
      ...{ id: "setClientStatus", tag: "Clients", summary: "Disable or enable a client", path: ["clientId"] },
      description: "Disabling ends all its tokens; enabling brings none of them back.",
      body: statusRequest,
      faults: ["notFound", "conflict"],
      answers: { "200": answered("The client as it is now", clientAnswer) },
    }),
  },
  "/admin/clients/{clientId}/secret": {
    post: administrative({
      ...{
        id: "rotateClientSecret",
        tag: "Clients",
        summary: "Give a client a new secret",
        path: ["clientId"],
      },
      body: clientSecretRequest,
      isBodyOptional: true,
      isRepeatable: true,
      faults: ["notFound", "conflict"],
      answers: { "200": answered("The new secret", clientSecretAnswer) },
    }),
  },
};

/** /admin/grants */
export const grants: Operations = {
  "/admin/grants": {
    get: administrative({
      ...{ id: "listGrants", tag: "Grants", summary: "List grants, page by page" },
      description:
        "Of a user or a client, those that have not ended; without either, all that have a token left. Of both together a page may hold fewer than `limit`, and go on all the same.",
      query: grantsQuery,
      answers: { "200": listed("A page of grants in the order of their ids", grantsAnswer) },
    }),
  },
  "/admin/grants/{grantId}": {
    get: administrative({
      ...{ id: "getGrant", tag: "Grants", summary: "Read a grant", path: ["grantId"], faults },
      answers: { "200": answered("The grant", grantAnswer) },
    }),
    delete: administrative({
      ...{
        id: "revokeGrant",
        tag: "Grants",
        summary: "End a grant and all its tokens",
        path: ["grantId"],
        faults,
      },
      answers: { "204": answeredNothing("It is ended") },
    }),
  },
};

/** /admin/resources */
export const resources: Operations = {
  "/admin/resources": {
    get: administrative({
      ...{ id: "listResources", tag: "Resources", summary: "List protected resources, page by page" },
      query: resourcesQuery,
      answers: { "200": listed("A page of resources in the order of their ids", resourcesAnswer) },
    }),
    post: administrative({
      ...{ id: "createResource", tag: "Resources", summary: "Register a protected resource" },
      body: resourceRequest,
      isRepeatable: true,
      answers: { "201": created("The resource", writtenResourceAnswer) },
    }),
  },
  "/admin/resources/{resourceId}": {
    get: administrative({
      ...{
        id: "getResource",
        tag: "Resources",
        summary: "Read a protected resource",
        path: ["resourceId"],
        faults,
      },
      answers: { "200": answered("The resource", resourceAnswer) },
    }),
  },
  "/admin/resources/{resourceId}/status": {
    put: administrative({
      ...{ id: "setResourceStatus", tag: "Resources", summary: "Disable or enable a protected resource" },
      ...{ path: ["resourceId"], faults, body: statusRequest },
      answers: { "200": answered("The resource as it is now", resourceAnswer) },
    }),
  },
  "/admin/resources/{resourceId}/secret": {
    post: administrative({
      ...{
        id: "rotateResourceSecret",
        tag: "Resources",
        summary: "Give a resource a new introspection secret",
      },
      ...{
        path: ["resourceId"],
        faults,
        body: resourceSecretRequest,
        isBodyOptional: true,
        isRepeatable: true,
      },
      answers: { "200": answered("The new secret", resourceSecretAnswer) },
    }),
  },
};

/** /admin/keys */
export const keys: Operations = {
  "/admin/keys": {
    get: administrative({
      ...{ id: "listKeys", tag: "Keys", summary: "List the keys that sign access tokens" },
      answers: { "200": answered("The keys: the next, the active, those that are retired", keysAnswer) },
    }),
  },
  "/admin/keys/rotate": {
    post: administrative({
      ...{ id: "rotateKeys", tag: "Keys", summary: "Let the next key sign, and publish a fresh one" },
      ...{ body: keyRotation, isBodyOptional: true, isRepeatable: true, faults: ["conflict"] },
      answers: { "200": answered("The keys as they are now", keysAnswer) },
    }),
  },
};
