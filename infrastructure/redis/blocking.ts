import { type ConnectOptions, connectRedis, type RedisClient } from "./connect.ts";
import type { RedisTlsFiles } from "./tls.ts";

/** Blocking commands wait without limit, and through a lost connection. */
const patient = {
  maxRetriesPerRequest: null,
  enableOfflineQueue: true,
  commandTimeout: undefined,
  socketTimeout: undefined,
} as NonNullable<ConnectOptions["overrides"]>;

/**
 * Makes connections for blocking commands, each call another one; who takes it closes it.
 * @throws {Error} where the URL is wrong @throws {Unavailable} where nothing answers
 */
export async function blockingConnections(
  url: string,
  tlsFiles: RedisTlsFiles = {},
): Promise<() => RedisClient> {
  const first = await connectRedis(url, { tlsFiles, overrides: patient });
  first.disconnect();
  return () => (first as { duplicate(): RedisClient }).duplicate();
}
