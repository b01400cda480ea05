import { existsSync, mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Logger } from "pino";
import { vocabulary } from "../application/events/vocabulary.ts";
import type { Archive, ArchiveReader } from "../application/ports/archive.ts";
import type { Clock } from "../application/ports/clock.ts";
import type { ErasureList } from "../application/ports/erasure-list.ts";
import { type EventStore, Unavailable } from "../application/ports/event-store.ts";
import type { Jobs } from "../application/ports/jobs.ts";
import type { ReadModels } from "../application/ports/read-models.ts";
import { generation } from "../application/projections/index.ts";
import { createArchiveReader } from "../infrastructure/archive/archive-reader.ts";
import { createEphemeralErasureList, createErasureList } from "../infrastructure/archive/erasure-list.ts";
import { createFileArchive } from "../infrastructure/archive/files.ts";
import { ConfigurationError } from "../infrastructure/config/load.ts";
import { archiveDirOf, erasureListOf } from "../infrastructure/config/places.ts";
import type { Config, SettingName } from "../infrastructure/config/schema.ts";
import { openEphemeralEventStore, openSqliteEventStore } from "../infrastructure/event-store/sqlite/index.ts";
import type { BullmqOptions } from "../infrastructure/jobs/bullmq.ts";
import { createInProcessJobs } from "../infrastructure/jobs/in-process.ts";
import type { ConnectedCounters } from "../infrastructure/limits/counters.ts";
import { createMemoryCounters } from "../infrastructure/limits/memory.ts";
import { openSqliteReadModels } from "../infrastructure/read-models/sqlite/sqlite-read-models.ts";
import { Refused } from "../infrastructure/redis/failures.ts";

/** The engines behind the ports. */
export interface Engines {
  readonly store: EventStore;
  readonly readModels: ReadModels;
}

/** Makes the folder of a deployment's files. @throws {ConfigurationError} */
export function makeDataDir({ dataDir, ephemeral }: Config): void {
  if (ephemeral) return;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigurationError(
      `dataDir: ${dataDir} cannot be made or used (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

/** Names the data folder on this machine, for a log that only one of them may project. */
const folderName = ({ dataDir }: Config): string => `${hostname()}:${resolve(dataDir)}`;

/** Whether the read models are in a file here while others may reach the log. */
const isAlone = ({ eventstoreUrl, redisUrl }: Config): boolean =>
  eventstoreUrl !== undefined && redisUrl === undefined;

/** The file of an embedded log. */
export const logFile = (dataDir: string): string => join(dataDir, "log.db");

/** Whether there is a log, as far as that can be told before it is opened. */
export const hasLog = ({ ephemeral, eventstoreUrl, dataDir }: Config): boolean =>
  ephemeral || eventstoreUrl !== undefined || existsSync(logFile(dataDir));

/** Whether a process answers requests, or works for a moment beside those that do. */
export type Role = "server" | "command";

/** What an engine refuses for good is a matter of the configuration. */
async function opening<Engine>(setting: SettingName, open: () => Promise<Engine>): Promise<Engine> {
  try {
    return await open();
  } catch (error) {
    const mayHeal = error instanceof Unavailable && !(error instanceof Refused);
    if (mayHeal || error instanceof ConfigurationError || !(error instanceof Error)) throw error;
    throw new ConfigurationError(`${setting}: ${error.message}`, { cause: error });
  }
}

/** Is told of each transaction of an embedded log, and how many writes shared it. */
type Committed = ((writes: number) => void) | undefined;

/** Where a backup is worked on before it becomes the log of a data folder. */
export const restoringFolder = (dataDir: string): string => join(dataDir, "restoring");

/** Nobody gets an empty log where one is being restored, or was until that was stopped. @throws {ConfigurationError} */
export function requireRestored(dataDir: string): void {
  const folder = restoringFolder(dataDir);
  if (!existsSync(logFile(dataDir)) && existsSync(folder))
    throw new ConfigurationError(
      `dataDir: a log is being restored there, or that was stopped: then run dacapo restore again, or remove ${folder} to begin with an empty log`,
    );
}

/** The embedded log of a data folder. @throws {ConfigurationError} where its file is no log @throws {Unavailable} */
export async function openEmbeddedLog(dataDir: string, committed?: Committed): Promise<EventStore> {
  requireRestored(dataDir);
  return await opening("dataDir", () => openSqliteEventStore({ file: logFile(dataDir), committed }));
}

/** The log in an EventStoreDB. Where the read models are in a file, it is for the one server that has that file. */
async function openSharedLog(config: Config, url: string, role: Role): Promise<EventStore> {
  // Loaded where it is needed: the embedded engines start without it.
  const { openEventStoreDb, readClaim } = await import("../infrastructure/event-store/eventstoredb/index.ts");
  if (!isAlone(config)) return await openEventStoreDb({ url });
  const claim = folderName(config);
  if (role === "server") return await openEventStoreDb({ url, claim });
  const holder = await readClaim({ url });
  if (holder !== undefined && holder !== claim)
    throw new Error(
      "the server of this log keeps its read models elsewhere; run the command there, or use Redis",
    );
  return await openEventStoreDb({ url });
}

/** Opens the log that the configuration names. @throws {ConfigurationError} @throws {Unavailable} */
export async function openLog(config: Config, role: Role, committed?: Committed): Promise<EventStore> {
  const { ephemeral, eventstoreUrl, dataDir } = config;
  if (ephemeral) return await openEphemeralEventStore({ committed });
  if (eventstoreUrl === undefined) return await openEmbeddedLog(dataDir, committed);
  return await opening("eventstoreUrl", () => openSharedLog(config, eventstoreUrl, role));
}

/** How long a Redis is tried to be reached where something else will try again, in milliseconds. */
const briefly = 1_000;

async function openReadModels(config: Config, logId: string): Promise<ReadModels> {
  const { redisUrl, ephemeral, dataDir, worker } = config;
  if (redisUrl !== undefined) {
    const { openRedisReadModels } = await import("../infrastructure/read-models/redis/index.ts");
    const own = { url: redisUrl, tlsFiles: config, logId, generation, vocabulary: vocabulary() };
    const options = { ...own, ...(worker ? {} : { patience: briefly }) };
    return await opening("redisUrl", () => openRedisReadModels(options));
  }
  const file = ephemeral ? ":memory:" : join(dataDir, "read-models.db");
  return openReadModelsIn(file, logId);
}

/** Read models in a file that no configuration names. @throws {Unavailable} */
export const openReadModelsIn = (file: string, logId: string): ReadModels =>
  openSqliteReadModels({ file, logId, generation });

/** Opens what the configuration names: EventStoreDB or a file for the log, Redis or a file for the read models. */
export async function openEngines(config: Config, role: Role, committed?: Committed): Promise<Engines> {
  const store = await openLog(config, role, committed);
  try {
    return { store, readModels: await openReadModels(config, store.logId) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** An EventStoreDB that is, or is to become, a copy of this log. @throws where it holds another log */
export async function openCopyOf({ logId }: EventStore, url: string): Promise<EventStore> {
  const { openEventStoreDb } = await import("../infrastructure/event-store/eventstoredb/index.ts");
  return await opening("eventstoreUrl", () => openEventStoreDb({ url, logId }));
}

/** Where the events go that leave the log. */
export const openArchive = (config: Config, clock: Clock): Archive =>
  createFileArchive(archiveDirOf(config), clock);

/** The same, to be looked at. */
export const openArchiveReader = (config: Config): ArchiveReader => createArchiveReader(archiveDirOf(config));

/** Who was erased, outside the log. */
export const openErasureList = ({ erasureList, dataDir, ephemeral }: Config): ErasureList =>
  ephemeral ? createEphemeralErasureList() : createErasureList(erasureListOf({ erasureList, dataDir }));

/** What runs the jobs: Redis once for all processes of a deployment, or this process for itself. */
export async function openJobs(
  config: Config,
  { logId }: EventStore,
  clock: Clock,
  { failed, lost }: Pick<BullmqOptions, "failed" | "lost">,
): Promise<Jobs> {
  const { redisUrl } = config;
  if (redisUrl === undefined) return createInProcessJobs(clock, failed);
  const [{ createBullmqJobs }, { blockingConnections }] = await Promise.all([
    import("../infrastructure/jobs/bullmq.ts"),
    import("../infrastructure/redis/blocking.ts"),
  ]);
  const connection = await blockingConnections(redisUrl, config);
  return createBullmqJobs({ connection, prefix: `{dacapo:${logId}}`, failed, lost });
}

/** What counts for the limits: Redis for all processes of a deployment, or this process for itself. */
export async function openCounters(
  config: Config,
  { logId }: EventStore,
  logger: Logger,
): Promise<ConnectedCounters> {
  const { redisUrl } = config;
  const own = createMemoryCounters();
  if (redisUrl === undefined) return { ...own, close: async () => undefined };
  const [{ openRedisCounters }, { createSharedCounters }] = await Promise.all([
    import("../infrastructure/limits/redis.ts"),
    import("../infrastructure/limits/shared.ts"),
  ]);
  return createSharedCounters(openRedisCounters({ url: redisUrl, tlsFiles: config, logId }), own, {
    lost: (error) =>
      logger.warn({ err: error }, "Redis does not count for the limits: this process counts alone"),
    found: () => logger.info("Redis counts for the limits again"),
  });
}
