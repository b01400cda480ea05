import type { Cluster, Redis } from "ioredis";

type Client = Redis | Cluster;

/**
 * A client whose errors, and those of the duplicates that BullMQ makes of it, are told; all of them can be disconnected
 * without a server that answers, which BullMQ itself would wait for.
 */
export function watchClient(client: Client, failed: (error: unknown) => void) {
  const clients: Client[] = [client];
  const duplicate = client.duplicate.bind(client) as (...options: unknown[]) => Client;
  const makeDuplicate = (...options: unknown[]) => {
    const made = duplicate(...options);
    made.on("error", failed);
    clients.push(made);
    return made;
  };
  client.on("error", failed);
  return {
    client: Object.assign(client, { duplicate: makeDuplicate }) as Client,
    disconnect() {
      for (const each of clients) each.disconnect();
    },
  };
}
