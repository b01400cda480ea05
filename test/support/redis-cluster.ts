import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";
import { type RedisServer, startRedisServer } from "./redis-server.ts";

/** A Redis Cluster of three masters, each with as many replicas as asked for. */
export interface RedisCluster extends AsyncDisposable {
  readonly url: string;
  readonly masters: readonly RedisServer[];
  readonly replicas: readonly RedisServer[];
}

const slots = 16_384;
const config = ["cluster-enabled yes", "cluster-node-timeout 1000", "cluster-replica-validity-factor 0"];

/** A free port whose Cluster bus, 10,000 higher, is a port too. */
async function clusterPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 55_000) return port;
  }
}

/** Starts the servers and waits until the cluster is whole. */
export async function startRedisCluster({
  replicas = 0,
  password,
}: {
  replicas?: number;
  password?: string;
} = {}): Promise<RedisCluster> {
  const login = password === undefined ? {} : { password };
  const servers: RedisServer[] = [];
  for (let n = 0; n < 3 * (1 + replicas); n++)
    servers.push(await startRedisServer({ port: await clusterPort(), config, ...login }));
  const masters = servers.slice(0, 3);
  const rest = servers.slice(3);
  for (const [n, master] of masters.entries()) {
    const first = Math.ceil((n * slots) / 3);
    const end = Math.ceil(((n + 1) * slots) / 3);
    await master.call("CLUSTER", "ADDSLOTS", ...Array.from({ length: end - first }, (_, at) => first + at));
    await master.call("CLUSTER", "SET-CONFIG-EPOCH", n + 1);
  }
  for (const server of servers.slice(1))
    await server.call("CLUSTER", "MEET", "127.0.0.1", servers[0]?.port ?? 0);
  await until(() => knowEachOther(servers));
  for (const [n, replica] of rest.entries())
    await replica.call("CLUSTER", "REPLICATE", String(await masters[n % 3]?.call("CLUSTER", "MYID")));
  await until(() => areWhole(servers));
  await until(() => areReplicated(masters, replicas));
  return {
    url: `redis://${password === undefined ? "" : `:${password}@`}${masters.map(({ port }) => `127.0.0.1:${port}`).join(",")}`,
    masters,
    replicas: rest,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    },
  };
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 600; n++) {
    if (await isTrue()) return;
    await sleep(50);
  }
  throw new Error("the Redis Cluster does not become whole");
}

async function knowEachOther(servers: readonly RedisServer[]): Promise<boolean> {
  const infos = await Promise.all(servers.map((server) => server.call("CLUSTER", "INFO")));
  return infos.every((info) => String(info).includes(`cluster_known_nodes:${servers.length}`));
}

async function areWhole(servers: readonly RedisServer[]): Promise<boolean> {
  const infos = await Promise.all(servers.map((server) => server.call("CLUSTER", "INFO")));
  return infos.every((info) => String(info).includes("cluster_state:ok"));
}

async function areReplicated(masters: readonly RedisServer[], replicas: number): Promise<boolean> {
  const infos = await Promise.all(masters.map((master) => master.call("INFO", "replication")));
  return infos.every((info) => (String(info).match(/state=online/g) ?? []).length === replicas);
}
