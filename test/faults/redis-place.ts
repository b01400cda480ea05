import { setTimeout as sleep } from "node:timers/promises";
import { startRedisCluster } from "../support/redis-cluster.ts";
import { startRedisSentinel } from "../support/redis-sentinel.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";

export type RedisKind = "single" | "replicated" | "sentinel" | "cluster";

/** The Redis of a deployment. */
export interface RedisPlace extends AsyncDisposable {
  readonly url: string;
  /** Of the server that is written to first. */
  readonly port: number;
  readonly masters: readonly RedisServer[];
  /** In the order of their masters; none of a single server. */
  readonly replicas: readonly RedisServer[];
}

const isFollowing = async (replica: RedisServer): Promise<boolean> =>
  String(await replica.call("INFO", "replication")).includes("master_link_status:up");

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 2_000; n += 1) {
    if (await isTrue()) return;
    await sleep(20);
  }
  throw new Error("the replica does not do as it should");
}

/** Starts one server, a master and a replica, the same under a Sentinel, or a Cluster with a replica for each master. */
export async function startRedisPlace(kind: RedisKind, config: readonly string[] = []): Promise<RedisPlace> {
  if (kind === "sentinel") {
    const sentinel = await startRedisSentinel();
    return placeOf(sentinel, sentinel.url, [sentinel.master], [sentinel.replica]);
  }
  if (kind === "cluster") {
    const cluster = await startRedisCluster({ replicas: 1 });
    return placeOf(cluster, cluster.url, cluster.masters, cluster.replicas);
  }
  const servers = new AsyncDisposableStack();
  const master = servers.use(await startRedisServer({ config }));
  if (kind === "single") return placeOf(servers, master.url, [master], []);
  const replica = servers.use(await startRedisServer({ config: [`replicaof 127.0.0.1 ${master.port}`] }));
  await until(() => isFollowing(replica));
  return placeOf(servers, master.url, [master], [replica]);
}

const placeOf = (
  servers: AsyncDisposable,
  url: string,
  masters: readonly RedisServer[],
  replicas: readonly RedisServer[],
): RedisPlace => ({
  url,
  port: masters[0]?.port ?? 0,
  masters,
  replicas,
  [Symbol.asyncDispose]: async () => servers[Symbol.asyncDispose](),
});

const isMaster = async (server: RedisServer): Promise<boolean> =>
  String(await server.call("ROLE").catch(() => "")).startsWith("master");

/** Which of the two is written to now, and which follows it. */
export async function rolesOf([one, other]: readonly [RedisServer, RedisServer]) {
  return (await isMaster(one)) && !(await isMaster(other))
    ? { master: one, replica: other }
    : { master: other, replica: one };
}

/** What its master writes from now on does not reach the replica: it logs in with a password that there is not. */
export async function cutReplication(replica: RedisServer): Promise<void> {
  await until(() => isFollowing(replica));
  await replica.call("CONFIG", "SET", "masterauth", "wrong");
  await replica.call("CLIENT", "KILL", "TYPE", "master");
  await until(async () => !(await isFollowing(replica)));
}

/** Makes a server whose replication was cut, or another one, follow this master. */
export async function follow(server: RedisServer, master: RedisServer): Promise<void> {
  for (const one of [server, master]) await one.call("CONFIG", "SET", "masterauth", "");
  await server.call("REPLICAOF", "127.0.0.1", master.port);
}

/** Kills the master of a pair whose replica was cut off, waits until that is promoted, and starts the old one again. */
export async function failOver(master: RedisServer, replica: RedisServer): Promise<void> {
  await master.stop();
  await until(() => isMaster(replica));
  await replica.call("CONFIG", "SET", "masterauth", "");
  await master.start();
  // A Sentinel takes long to see to that, and a Cluster does it by itself and refuses the command.
  await follow(master, replica).catch(() => undefined);
}
