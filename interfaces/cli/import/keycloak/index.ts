import { z } from "zod";
import { documentFormat } from "../format.ts";
import { keycloakClientEntry } from "./clients.ts";
import { keycloakUserEntry } from "./users.ts";

/** A realm (RealmRepresentation), or one of the files of a folder that hold its users alone. */
const realm = z.looseObject({
  realm: z.string("must be that of a realm"),
  clients: z.array(z.unknown()).default([]),
  users: z.array(z.unknown()).default([]),
});

/** The export of one realm: its clients, then its users. */
export const keycloak = documentFormat(realm, function* ({ clients, users }, options) {
  for (const [index, client] of clients.entries()) yield keycloakClientEntry(client, `#${index + 1}`);
  for (const [index, user] of users.entries()) yield keycloakUserEntry(user, `#${index + 1}`, options);
});
