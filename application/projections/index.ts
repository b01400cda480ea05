import { clients, consents, resources } from "./clients.ts";
import { closures } from "./closures.ts";
import { grants } from "./grants.ts";
import type { Projection } from "./projection.ts";
import { sessions } from "./sessions.ts";
import { signingKeys } from "./signing-keys.ts";
import { subjectKeys, users } from "./users.ts";

/** Every read model. */
export const projections: readonly Projection[] = [
  grants,
  sessions,
  users,
  subjectKeys,
  clients,
  resources,
  consents,
  signingKeys,
  closures,
];

/** Names the shape of all read models together; stored ones of another shape are rebuilt. */
export const generation = projections
  .map(({ collection, version }) => `${collection}:${version}`)
  .sort()
  .join(",");
