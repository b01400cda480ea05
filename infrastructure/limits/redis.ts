import { setTimeout as sleep } from "node:timers/promises";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { Unavailable } from "../../application/ports/event-store.ts";
import { connectRedis, type RedisClient } from "../redis/connect.ts";
import { unavailable } from "../redis/failures.ts";
import type { RedisTlsFiles } from "../redis/tls.ts";
import type { ConnectedCounters } from "./counters.ts";

export interface RedisCountersOptions {
  /** Of a server, a Cluster or Sentinels. */
  readonly url: string;
  readonly tlsFiles?: RedisTlsFiles;
  /** Whose counters these are: those of another log have other keys. */
  readonly logId: string;
}

/** How long (ms) Redis may take to count; whoever asks is waiting for it. */
const commandTimeout = 100;
/** Milliseconds between two tries to reach it. */
const retryEvery = 1_000;

/** A connection may take, and be silent for, longer than a call; a server that has become a replica is left for its master. */
const overrides = {
  connectTimeout: 1_000,
  socketTimeout: 1_000,
  reconnectOnError: ({ message }: Error) => message.startsWith("READONLY "),
};

/** Every call is about one key, so a Cluster may spread them over its servers; how long it lives is said with each. */
const limiterOf = (storeClient: RedisClient, logId: string): RateLimiterRedis =>
  new RateLimiterRedis({
    storeClient,
    keyPrefix: `dacapo:limits:${logId}`,
    points: 0,
    duration: 0,
    rejectIfRedisNotReady: true,
  });

/**
 * Counters that all processes of a deployment share, one round trip a call. It connects when there is something to count, for
 * as long as it takes; what cannot be counted within 100 ms fails with `Unavailable`.
 */
export function openRedisCounters({ url, logId, tlsFiles = {} }: RedisCountersOptions): ConnectedCounters {
  const closing = new AbortController();
  let client: RedisClient | undefined;
  let limiter: RateLimiterRedis | undefined;
  let connecting: Promise<void> | undefined;
  let reason: unknown;

  async function connect(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        client = await connectRedis(url, {
          commandTimeout,
          tlsFiles,
          patience: retryEvery,
          overrides,
        });
        limiter = limiterOf(client, logId);
        return;
      } catch (error) {
        reason = error;
        await sleep(retryEvery, undefined, { signal: closing.signal }).catch(() => undefined);
      }
    }
  }

  async function ask<Answer>(work: (limiter: RateLimiterRedis) => Promise<Answer>): Promise<Answer> {
    connecting ??= connect();
    if (!limiter) await Promise.race([connecting, sleep(commandTimeout, undefined, { ref: false })]);
    if (!limiter)
      throw unavailable(reason ?? new Unavailable("Redis cannot be used: it is being connected to"));
    try {
      return await work(limiter);
    } catch (error) {
      throw unavailable(error);
    }
  }

  return {
    async add(key, window, by = 1) {
      const { consumedPoints, msBeforeNext } = await ask((limits) =>
        limits.penalty(key, by, { customDuration: window }),
      );
      return { count: consumedPoints, endsIn: msBeforeNext };
    },
    async forget(key) {
      await ask((limits) => limits.delete(key));
    },
    async close() {
      closing.abort();
      await connecting;
      client?.disconnect();
    },
  };
}
