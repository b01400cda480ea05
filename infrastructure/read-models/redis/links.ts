import { setTimeout as sleep } from "node:timers/promises";
import { Cluster, type Redis } from "ioredis";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { RedisClient } from "../../redis/connect.ts";
import type { Part } from "./keys.ts";

/** Which connection leads to which part. */
export interface Links {
  /** Grows whenever a connection was lost, or a part is reached by another one. */
  epoch(): number;
  /** The connection to the server that holds this part. @throws {Unavailable} where it is not there now */
  to(part: Part): Redis;
  /** Connects where it can be done at once, and looks for the servers again where some are missing. */
  mend(): Promise<void>;
  /** The server is not what it should be: asks anew who is. */
  distrust(redis: Redis): void;
  close(): void;
}

const notConnected = () => new Unavailable("Redis cannot be used: there is no connection");
const ignore = () => undefined;

/** Follows the connections of a client that lead to these parts. */
export const createLinks = (client: RedisClient, parts: readonly Part[]): Links =>
  client instanceof Cluster ? clusterLinks(client, parts) : singleLinks(client);

/** How long (ms) a call may be held up by connections that have to be made first. */
const mendingLimit = 500;

function singleLinks(redis: Redis): Links {
  let epoch = 0;
  redis.on("close", () => {
    epoch += 1;
  });
  return {
    epoch: () => epoch,
    to() {
      if (redis.status !== "ready") throw notConnected();
      return redis;
    },
    mend: async () => undefined,
    distrust: () => redis.disconnect(true),
    close: () => redis.disconnect(),
  };
}

function clusterLinks(cluster: Cluster, parts: readonly Part[]): Links {
  let epoch = 0;
  let links: readonly (Redis | undefined)[] = [];
  const followed = new WeakSet<Redis>();

  function follow(redis: Redis): void {
    if (followed.has(redis)) return;
    followed.add(redis);
    redis.on("close", () => {
      epoch += 1;
    });
  }

  function update(): void {
    const nodes = new Map(
      cluster.nodes("master").map((node) => [`${node.options.host}:${node.options.port}`, node]),
    );
    const found = parts.map(({ slot }) => nodes.get(cluster.slots[slot]?.[0] ?? ""));
    if (found.every((redis, number) => redis === links[number]) && links.length > 0) return;
    epoch += 1;
    links = found;
    for (const redis of found) if (redis) follow(redis);
  }

  const refresh = () => new Promise<void>((resolve) => cluster.refreshSlotsCache(() => resolve()));
  const isMissing = (redis: Redis | undefined) =>
    !redis || redis.status === "end" || redis.status === "close";

  async function mendNow(): Promise<void> {
    if (links.some(isMissing)) await refresh();
    const waiting = new Set(links.filter((redis) => redis?.status === "wait"));
    await Promise.all([...waiting].map((redis) => redis?.connect().catch(ignore)));
  }

  for (const event of ["refresh", "+node", "-node"]) cluster.on(event, update);
  update();
  return {
    epoch: () => epoch,
    to({ number }) {
      const redis = links[number];
      if (redis?.status !== "ready") throw notConnected();
      return redis;
    },
    async mend() {
      if (links.every((redis) => redis?.status === "ready") || cluster.status !== "ready") return;
      await Promise.race([mendNow(), sleep(mendingLimit, undefined, { ref: false })]);
    },
    distrust: () => cluster.refreshSlotsCache(),
    close: () => cluster.disconnect(),
  };
}
