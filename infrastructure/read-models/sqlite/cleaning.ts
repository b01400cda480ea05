import type { Statements } from "./statements.ts";

/** After how long (ms) without a sign of life the read models of another generation are given up. */
const abandonedAfter = 86_400_000;

/** Removes documents that expired before `now`, then those of old builds; answers how many of at most `limit`. */
export function cleanBuilds(statements: Statements, generation: string, now: number, limit: number): number {
  statements.retireAbandoned.run({ generation, before: now - abandonedAfter });
  const expired = Number(statements.removeExpired.run({ now, limit }).changes);
  const old = Number(statements.removeOld.run({ limit: limit - expired }).changes);
  statements.forgetOld.run();
  return expired + old;
}
