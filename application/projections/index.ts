import { sha256 } from "../../domain/oauth/hash.ts";
import { catalog } from "../events/catalog.ts";
import { clients, consents, resources } from "./clients.ts";
import { closures } from "./closures.ts";
import { erasures } from "./erasures.ts";
import { grants } from "./grants.ts";
import type { Projection } from "./projection.ts";
import { library, scoreSummaries, scores } from "./scores.ts";
import { sessions } from "./sessions.ts";
import { signingKeys } from "./signing-keys.ts";
import { users } from "./users.ts";

/** Every read model. */
export const projections: readonly Projection[] = [
  grants,
  sessions,
  users,
  erasures,
  clients,
  resources,
  consents,
  signingKeys,
  closures,
  scores,
  scoreSummaries,
  library,
];

const shapes = projections.map(({ collection, version }) => `${collection}:${version}`);
const readable = Object.entries(catalog).map(([type, { version }]) => `${type}:${version}`);

/**
 * Names the shape of all read models together, and which events were readable when they were made: stored ones of
 * another shape, or made by a version that parks other events, are rebuilt.
 */
export const generation = sha256([...shapes, ...readable].sort().join(","));
