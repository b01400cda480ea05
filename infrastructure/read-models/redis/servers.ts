import { Refused } from "../../redis/failures.ts";
import { parseInfo } from "../../redis/server-info.ts";

/** The answers to `INFO server` and `INFO memory`. */
export const inspection = [
  ["info", "server"],
  ["info", "memory"],
] as const;

/**
 * The run id of a server that can hold read models.
 * @throws {Refused} with a sentence that tells what to change
 */
export function inspectServer([server, memory]: readonly unknown[]): string {
  const { redis_version: version = "", run_id: runId = "" } = parseInfo(String(server));
  const { maxmemory_policy: policy = "" } = parseInfo(String(memory));
  // Before 7.0 scripts, by which everything is written here, do not respect min-replicas-to-write.
  if (Number(version.split(".")[0]) < 7)
    throw new Refused(`Redis ${version} is too old: 7.0 or later is needed`);
  if (policy !== "noeviction")
    throw new Refused(
      `Redis may evict what it should keep (maxmemory-policy is ${policy}): set maxmemory-policy to noeviction`,
    );
  return runId;
}

/** @throws {Refused} where the answer to `ROLE` is not that of a master */
export function requireMaster(role: unknown): void {
  if (!Array.isArray(role) || role[0] !== "master")
    throw new Refused("Redis cannot be used: this server is a replica, the URL must name its master");
}

/** The answer to `TIME` as epoch ms. */
export function timeOf(reply: unknown): number {
  const [seconds, microseconds] = Array.isArray(reply) ? reply : [];
  return Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000);
}
