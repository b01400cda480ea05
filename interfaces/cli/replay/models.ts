import { closeSync, mkdtempSync, openSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { InvalidArgumentError } from "commander";
import { Cluster } from "ioredis";
import type { EventStore } from "../../../application/ports/event-store.ts";
import type { ReadModels } from "../../../application/ports/read-models.ts";
import type { Config } from "../../../infrastructure/config/schema.ts";
import { connectRedis, type RedisClient } from "../../../infrastructure/redis/connect.ts";
import type { RedisTlsFiles } from "../../../infrastructure/redis/tls.ts";
import { parseRedisUrl } from "../../../infrastructure/redis/url.ts";
import { openEngines, openReadModelsIn } from "../../engines.ts";
import { CommandError } from "../command-error.ts";

/** Read models that a replay fills, and what there is to do in the end. */
export interface Opened {
  readonly models: ReadModels;
  close(): Promise<void>;
}

/** Empty read models in a file of their own, which is gone when they are closed. */
export function openScratch(logId: string): Opened {
  const folder = mkdtempSync(join(tmpdir(), "dacapo-replay-"));
  const models = openReadModelsIn(join(folder, "read-models.db"), logId);
  return {
    models,
    async close() {
      await models.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a replay notes in the place that it fills, so that the next one knows it for its own. */
const markTable = "replayed_log";
const markKey = "dacapo:replayed-log";

const notOurs = (place: string) =>
  new CommandError(
    `${place} is not empty, and was not begun by a replay of this log. Name a new file, or an empty Redis database.`,
  );

/** Which log a replay filled this file from; undefined for any other file. */
function markOf(file: string): string | undefined {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true });
    return String(db.prepare(`SELECT log_id FROM ${markTable}`).get()?.log_id);
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}

/** Whether nothing is there, or a file with nothing in it. */
const isEmptyFile = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) === 0;

/** Makes the file where there is none, for its owner alone. */
function markFile(file: string, logId: string): void {
  closeSync(openSync(file, "a", 0o600));
  const db = new DatabaseSync(file);
  db.exec(`CREATE TABLE ${markTable} (log_id TEXT NOT NULL) STRICT`);
  db.prepare(`INSERT INTO ${markTable} VALUES (?)`).run(logId);
  db.close();
}

/** Read models of another log would be given up by opening them, so a file that is there is looked at before. */
function openFile(file: string, logId: string): Opened {
  if (isEmptyFile(file)) markFile(file, logId);
  else if (markOf(file) !== logId) throw notOurs("The file");
  const models = openReadModelsIn(file, logId);
  return { models, close: () => models.close() };
}

async function isEmpty(client: RedisClient): Promise<boolean> {
  const servers = client instanceof Cluster ? client.nodes("master") : [client];
  const sizes = await Promise.all(servers.map((server) => server.dbsize()));
  return sizes.every((size) => size === 0);
}

async function claimRedis(url: string, tlsFiles: RedisTlsFiles, logId: string): Promise<void> {
  const client = await connectRedis(url, { tlsFiles });
  try {
    if (await isEmpty(client)) await client.set(markKey, logId);
    else if ((await client.get(markKey)) !== logId) throw notOurs("The Redis database");
  } finally {
    client.disconnect();
  }
}

/** @throws {InvalidArgumentError} */
function requireRedisUrl(url: string): void {
  try {
    parseRedisUrl(url);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

async function openRedis(url: string, config: Config, logId: string): Promise<Opened> {
  requireRedisUrl(url);
  await claimRedis(url, config, logId);
  const { store, readModels: models } = await openEngines({ ...config, redisUrl: url }, "command");
  await store.close();
  return { models, close: () => models.close() };
}

/** Whether this names a Redis rather than a file. */
export const isRedis = (into: string): boolean => /^rediss?(\+sentinel)?:\/\//.test(into);

/**
 * The read models to fill: new ones, or those that a replay of this log began before.
 * @throws {CommandError} where something else is there, or they answer requests @throws {Unavailable}
 */
export async function openTarget(into: string, config: Config, { logId }: EventStore): Promise<Opened> {
  const opened = isRedis(into) ? await openRedis(into, config, logId) : openFile(into, logId);
  const { heartbeats } = await opened.models.checkpoint();
  if (heartbeats.every((count) => count === 0)) return opened;
  await opened.close();
  throw new CommandError("These read models answer the requests of a server: a replay leaves them alone.");
}
