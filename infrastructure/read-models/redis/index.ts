import { setTimeout as sleep } from "node:timers/promises";
import type { ReadModels } from "../../../application/ports/read-models.ts";
import { connectRedis } from "../../redis/connect.ts";
import { Refused } from "../../redis/failures.ts";
import type { RedisTlsFiles } from "../../redis/tls.ts";
import { clean } from "./clean.ts";
import { Connection } from "./connection.ts";
import { all, applyTo, checkpointOf, merge, pagesOf } from "./fill.ts";
import type { Owner, Part } from "./keys.ts";
import { type Choose, type Look, Looker } from "./look.ts";
import { beatScript } from "./scripts/checkpoints.ts";
import { SharedReads } from "./shared-reads.ts";
import { openSuccessor } from "./successor.ts";
import { incarnationOf, View } from "./view.ts";

export interface RedisReadModelsOptions extends Owner {
  /** Of a server, a Cluster or Sentinels. */
  readonly url: string;
  readonly tlsFiles?: RedisTlsFiles;
  /** How long (ms) a command may take. */
  readonly commandTimeout?: number;
  /** How long (ms) to try to reach Redis at first. */
  readonly patience?: number;
}

const live: Choose = (part, meta) => ({ key: part.live, meta });

/**
 * Read models in Redis that several processes share. Those of another log or generation are not touched: they have other
 * keys, and may be used beside these.
 * @throws {Error} where the URL is wrong
 * @throws {Unavailable} where Redis cannot be reached in time, or is not fit to hold them
 */
export async function openRedisReadModels(options: RedisReadModelsOptions): Promise<ReadModels> {
  const { url, tlsFiles = {}, commandTimeout = 1_000, patience = 10_000 } = options;
  const deadline = performance.now() + patience;
  const client = await connectRedis(url, { commandTimeout, tlsFiles, patience });
  const connection = new Connection(client, options);
  const looker = new Looker(connection);
  try {
    return readModels(connection, looker, await firstLook(looker, deadline), commandTimeout);
  } catch (error) {
    connection.links.close();
    throw error;
  }
}

async function firstLook(looker: Looker, deadline: number): Promise<Look> {
  for (;;) {
    try {
      return await looker.look(live);
    } catch (error) {
      if (error instanceof Refused || performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

function readModels(connection: Connection, looker: Looker, first: Look, commandTimeout: number): ReadModels {
  const view: View = new View(connection, first);
  const reads = new SharedReads(connection, view);

  /** Until when, by the clock of the server of a part, a beat that is sent now is meant. */
  const beatDeadline = ({ times, askedAt }: Look, { number }: Part) =>
    String(Math.ceil((times[number] ?? 0) + performance.now() - askedAt + commandTimeout));

  return {
    async checkpoint() {
      const look = await looker.look(live);
      view.see(look);
      return checkpointOf(look);
    },

    async apply(batch) {
      view.requireLookedAt();
      const look = view.last;
      const { incarnation = incarnationOf(look) } = batch;
      return incarnation === incarnationOf(look) && (await applyTo(connection, look, batch));
    },

    async beat(at, incarnation) {
      if (view.incarnation() !== incarnation) return false;
      const look = view.last;
      const beats = connection.parts.map((part) => {
        const { build = "" } = look.metas[part.number] ?? {};
        const server = look.servers[part.number] ?? "";
        const args = [build, String(at), server, beatDeadline(look, part), part.generation];
        return connection.run(part, beatScript, [part.generations], args);
      });
      const results = await all(beats);
      return results.every((result) => result === 1) && view.incarnation() === incarnation;
    },

    async getMany(keys, incarnation) {
      view.requireStill(incarnation);
      const documents = await reads.getMany(keys);
      view.requireStill(incarnation);
      return documents;
    },

    async list(collection, query, incarnation) {
      view.requireLookedAt();
      view.requireStill(incarnation);
      const pages = await pagesOf(connection, collection, query);
      view.requireStill(incarnation);
      for (const { part, meta } of pages) view.requireReadable(part, meta);
      return merge(pages, query.limit);
    },

    listUnfinished: async (collection, query) =>
      merge(await pagesOf(connection, collection, query), query.limit),

    clean: (now, limit) => clean(connection, now, limit),

    successor: () => openSuccessor(connection, looker, view),

    async close() {
      connection.links.close();
    },
  };
}
