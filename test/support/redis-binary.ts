import { spawnSync } from "node:child_process";

const works = (binary: string): boolean => spawnSync(binary, ["--version"]).status === 0;

/** The `redis-server` to test with: that of REDIS_SERVER, or that on the PATH. */
export const findRedis = (): string | undefined =>
  [process.env.REDIS_SERVER, "redis-server"].find((binary) => binary && works(binary));

/** What is said where there is none. */
export const redisIsMissing =
  "redis-server is missing: install Redis 7.0 or later, or name it by REDIS_SERVER";

let found: string | undefined;

/** @throws where there is none */
export function redisBinary(): string {
  found ??= findRedis();
  if (found === undefined) throw new Error(redisIsMissing);
  return found;
}
