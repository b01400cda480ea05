import { setTimeout as sleep } from "node:timers/promises";
import { Cluster, Redis } from "ioredis";
import { Unavailable } from "../../application/ports/event-store.ts";
import { isRefusal, Refused, reasonOf, unavailable } from "./failures.ts";
import { clusterOptions, type RedisBehaviour, redisOptions } from "./options.ts";
import { parseInfo } from "./server-info.ts";
import { parseRedisUrl, type RedisTarget, requireDatabaseZero } from "./url.ts";

/** A client of one server (also behind Sentinels), or of a Cluster. */
export type RedisClient = Redis | Cluster;

export interface ConnectOptions extends Partial<RedisBehaviour> {
  /** How long (ms) to try. */
  readonly patience?: number;
}

const defaults = { commandTimeout: 1_000, patience: 10_000 };

/**
 * Connects to what the URL names; one server that turns out to be part of a Cluster is spoken to as one. The client
 * connects again by itself, for ever.
 * @throws {Error} where the URL or a file of TLS is wrong
 * @throws {Unavailable} where nothing answers in time
 */
export async function connectRedis(url: string, options: ConnectOptions = {}): Promise<RedisClient> {
  const target = parseRedisUrl(url);
  const { patience, ...behaviour } = { ...defaults, ...options };
  const deadline = performance.now() + patience;
  const client = create(target, behaviour);
  try {
    await untilReady(client, deadline);
    if (client instanceof Cluster) return client;
    if (target.kind === "sentinel" || !(await isInCluster(client))) {
      await requireDatabase(client, target.database);
      return client;
    }
    requireDatabaseZero(target.database);
    client.disconnect();
    const cluster = create({ ...target, kind: "cluster" }, behaviour);
    return await untilReady(cluster, deadline);
  } catch (error) {
    client.disconnect();
    throw (await refusalOfServer(target, behaviour)) ?? error;
  }
}

/** How long (ms) one server is asked why it cannot be connected to. */
const askTime = 1_000;

/** Why a Cluster or its Sentinels cannot be connected to, which their client does not tell, but that of one server does. */
async function refusalOfServer(target: RedisTarget, behaviour: RedisBehaviour): Promise<Refused | undefined> {
  if (target.kind === "single" || !target.tls) return undefined;
  const server = create({ ...target, kind: "single", addresses: [target.addresses[0]] }, behaviour);
  try {
    await untilReady(server, performance.now() + askTime);
    return undefined;
  } catch (error) {
    return error instanceof Refused ? error : undefined;
  } finally {
    server.disconnect();
  }
}

function create(target: RedisTarget, behaviour: RedisBehaviour): RedisClient {
  if (target.kind !== "cluster") return new Redis(redisOptions(target, behaviour));
  return new Cluster([...target.addresses], clusterOptions(target, behaviour));
}

async function untilReady<Client extends RedisClient>(client: Client, deadline: number): Promise<Client> {
  let failure: unknown;
  const note = (error: unknown) => {
    if (!isRefusal(failure)) failure = error;
  };
  client.on("error", note);
  client.on("node error", note);
  while (client.status !== "ready") {
    const isRefused = isRefusal(failure);
    if (isRefused || performance.now() > deadline) {
      client.disconnect();
      const sentence = `Redis cannot be reached: ${reasonOf(failure)}`;
      throw isRefused ? new Refused(sentence) : new Unavailable(sentence);
    }
    await sleep(10);
  }
  return client;
}

/** The client itself goes on in database 0 where there is no such database. */
async function requireDatabase(client: Redis, database: number): Promise<void> {
  try {
    await client.select(database);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("out of range")) throw unavailable(error);
    throw new Refused(`Redis cannot be used: it has no database ${database}`);
  }
}

async function isInCluster(client: Redis): Promise<boolean> {
  try {
    return parseInfo(await client.info("cluster")).cluster_enabled === "1";
  } catch (error) {
    throw unavailable(error);
  }
}
