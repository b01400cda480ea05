import { setTimeout as sleep } from "node:timers/promises";
import { type RedisServer, startRedisServer } from "./redis-server.ts";

/** A master and its replica, watched by one Sentinel. */
export interface RedisSentinel extends AsyncDisposable {
  readonly url: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinel: RedisServer;
}

/** Starts the three and waits until the replica follows. A master that is silent for a second is replaced. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const master = await startRedisServer();
  const replica = await startRedisServer({ config: [`replicaof 127.0.0.1 ${master.port}`] });
  await until(async () => String(await master.call("INFO", "replication")).includes("state=online"));
  const config = [
    `sentinel monitor dacapo 127.0.0.1 ${master.port} 1`,
    "sentinel down-after-milliseconds dacapo 1000",
    "sentinel failover-timeout dacapo 3000",
  ];
  const sentinel = await startRedisServer({ config, isSentinel: true });
  await until(async () =>
    (JSON.stringify(await sentinel.call("SENTINEL", "REPLICAS", "dacapo")) ?? "").includes("ip"),
  );
  const servers = [sentinel, replica, master];
  return {
    url: `redis+sentinel://127.0.0.1:${sentinel.port}/dacapo`,
    master,
    replica,
    sentinel,
    async [Symbol.asyncDispose]() {
      for (const server of servers) await server[Symbol.asyncDispose]();
    },
  };
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 600; n++) {
    if (await isTrue()) return;
    await sleep(50);
  }
  throw new Error("the Redis servers do not find each other");
}
