import type { Ending } from "../domain/closure/closure.ts";
import { sha256 } from "../domain/oauth/hash.ts";

/** The names of the streams, one per aggregate. */
export const streams = {
  grant: (grantId: string) => `grant-${grantId}`,
  sessions: (userId: string) => `sessions-${userId}`,
  consent: (userId: string, clientId: string) => `consent-${userId}-${clientId}`,
  user: (userId: string) => `user-${userId}`,
  username: (usernameIndex: string) => `username-${usernameIndex}`,
  erasure: (userId: string) => `erasure-${userId}`,
  subjectKey: (userId: string) => `subject-key-${userId}`,
  client: (clientId: string) => `client-${clientId}`,
  assertion: (clientId: string, jti: string) => `assertion-${sha256(`${clientId}\n${jti}`)}`,
  resource: (resourceId: string) => `resource-${resourceId}`,
  closure: ({ what, id, epoch }: Ending) => `closure-${what}-${id}-${epoch}`,
  /** Named by the keyed hash of the key, of who used it and at what. */
  idempotencyKey: (keyedHash: string) => `idempotency-${keyedHash}`,
  score: (storedScoreId: string) => `score-${storedScoreId}`,
  library: "library",
  signingKeys: "signing-keys",
  retention: "retention",
  projection: "projection",
  refusals: "refusals",
  audit: "audit",
  restores: "restores",
} as const;
