import type { ClusterOptions, RedisOptions } from "ioredis";
import { type RedisTlsFiles, redisTls } from "./tls.ts";
import type { RedisTarget } from "./url.ts";

/** Replies have the shapes of RESP2 always. */
export type ConnectionOptions = Omit<RedisOptions, "replyMapping">;
type NodesOptions = Omit<ClusterOptions, "redisOptions"> & {
  readonly redisOptions: Omit<ConnectionOptions, NotOfNodes>;
};
type NotOfNodes =
  | "host"
  | "port"
  | "path"
  | "sentinels"
  | "retryStrategy"
  | "enableOfflineQueue"
  | "readOnly"
  | "himportFieldsets";

/** How clients behave: every command is answered soon, or fails. */
export interface RedisBehaviour {
  /** How long (ms) a command may take, and a server be silent while it is asked. */
  readonly commandTimeout: number;
  /** Read where the URL asks for TLS. */
  readonly tlsFiles?: RedisTlsFiles;
  /** What is laid over the options of every connection. */
  readonly overrides?: ConnectionOptions;
}

const reconnectDelay = (times: number): number =>
  Math.min(20 * 2 ** Math.min(times, 10), 500) + Math.random() * 100;

/** The options of one connection. @throws {ConfigurationError} where a file of TLS cannot be used */
export function redisOptions(
  target: RedisTarget,
  { commandTimeout, tlsFiles = {}, overrides }: RedisBehaviour,
): ConnectionOptions {
  const { username, password, database, tls, kind, addresses } = target;
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: redisTls(tlsFiles, kind === "single" ? addresses[0].host : undefined) } : {}),
    db: database,
    retryStrategy: reconnectDelay,
    ...impatient(commandTimeout),
    ...(kind === "sentinel" ? sentinelOptions(target, tlsFiles) : addresses[0]),
    ...overrides,
  };
}

/** Nothing is queued or sent again: whoever asked decides what to do. */
const impatient = (commandTimeout: number): ConnectionOptions => ({
  commandTimeout,
  socketTimeout: commandTimeout,
  connectTimeout: 2 * commandTimeout,
  disconnectTimeout: commandTimeout,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
});

/**
 * The options of a Cluster; a node that was lost is made anew when the slots are looked up.
 * @throws {ConfigurationError} where a file of TLS cannot be used
 */
export function clusterOptions(target: RedisTarget, behaviour: RedisBehaviour): NodesOptions {
  const {
    host: _,
    port: __,
    retryStrategy: ___,
    enableOfflineQueue = false,
    ...options
  } = redisOptions(target, behaviour);
  return {
    redisOptions: options,
    enableOfflineQueue,
    // A certificate is for the name that is in the URL, not for the address that is found for it.
    ...(target.tls ? { dnsLookup: (host, found) => found(null, host) } : {}),
    scaleReads: "master",
    clusterRetryStrategy: reconnectDelay,
    slotsRefreshTimeout: lookupTimeout,
    slotsRefreshInterval: 5_000,
  };
}

/** How long (ms) a Sentinel, or a server of a Cluster, may take to say where the masters are. */
const lookupTimeout = 1_000;

function sentinelOptions(
  { addresses, master = "", password, tls }: RedisTarget,
  tlsFiles: RedisTlsFiles,
): ConnectionOptions {
  return {
    sentinels: addresses.map((address) => ({ ...address })),
    name: master,
    sentinelRetryStrategy: reconnectDelay,
    sentinelCommandTimeout: lookupTimeout,
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: redisTls(tlsFiles) } : {}),
  };
}
