import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import { createRefusalCounter, type RefusalCounter } from "../application/commands/count-refusals.ts";
import { createHandle } from "../application/commands/handle.ts";
import { maintainSigningKeys } from "../application/commands/manage-signing-keys.ts";
import type { Context } from "../application/context.ts";
import { createDocuments, ref } from "../application/documents.ts";
import { createFreshness } from "../application/freshness.ts";
import { createLog } from "../application/log.ts";
import type { Policy } from "../application/policy.ts";
import type { EventStore } from "../application/ports/event-store.ts";
import type { ReadModels } from "../application/ports/read-models.ts";
import type { Secrets } from "../application/ports/secrets.ts";
import { generation } from "../application/projections/index.ts";
import { createProjector } from "../application/projector.ts";
import { createVisibility } from "../application/visibility.ts";
import { systemClock as clock } from "../infrastructure/clock.ts";
import { ConfigurationError } from "../infrastructure/config/load.ts";
import { loadMasterKey } from "../infrastructure/config/master-key.ts";
import { policyOf } from "../infrastructure/config/policy.ts";
import type { Config } from "../infrastructure/config/schema.ts";
import { createClientAssertions } from "../infrastructure/crypto/client-assertions.ts";
import { createPasswords } from "../infrastructure/crypto/passwords.ts";
import { createSecrets } from "../infrastructure/crypto/secrets.ts";
import { createTokens } from "../infrastructure/crypto/tokens.ts";
import { openEphemeralEventStore, openSqliteEventStore } from "../infrastructure/event-store/sqlite/index.ts";
import { createInProcessJobs } from "../infrastructure/jobs/in-process.ts";
import { createSafeFetch } from "../infrastructure/network/safe-fetch.ts";
import { openSqliteReadModels } from "../infrastructure/read-models/sqlite/sqlite-read-models.ts";

/** Dacapo, put together: use cases over adapters, and the loops that run beside them. */
export interface Runtime {
  readonly context: Context;
  readonly store: EventStore;
  readonly refusals: RefusalCounter;
  /** Why nothing can be served yet; empty when all is well. */
  notReady(): readonly string[];
  /** Starts the jobs of a serving process. */
  startJobs(): void;
  /** Stops the loops and closes the stores; what was counted is recorded first. */
  close(): Promise<void>;
}

const minute = 60_000;

/** Documents removed in one transaction, which other writers wait for. */
const expiredAtOnce = 1_000;

function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigurationError(
      `dataDir: ${dataDir} cannot be made or used (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

/** The engines behind the ports. */
export interface Engines {
  readonly store: EventStore;
  readonly readModels: ReadModels;
}

/** Opens the embedded engines: files in the data folder, or everything in memory. */
export async function openEngines(config: Config): Promise<Engines> {
  if (config.ephemeral) {
    const store = await openEphemeralEventStore();
    return { store, readModels: openSqliteReadModels({ file: ":memory:", logId: store.logId, generation }) };
  }
  const store = await openSqliteEventStore({ file: join(config.dataDir, "log.db") });
  const file = join(config.dataDir, "read-models.db");
  return { store, readModels: openSqliteReadModels({ file, logId: store.logId, generation }) };
}

/**
 * The composition root: the only place that knows all adapters. Engines that are opened already may be passed in; they
 * are closed with the rest. @throws {ConfigurationError}
 */
export async function compose(config: Config, logger: Logger, engines?: Engines): Promise<Runtime> {
  if (!config.ephemeral) makeDataDir(config.dataDir);
  const secrets = createSecrets(loadMasterKey(config));
  const policy = policyOf(config);
  const opened = engines ?? (await openEngines(config));
  try {
    return await assemble(opened, secrets, policy, config, logger);
  } catch (error) {
    await opened.store.close();
    await opened.readModels.close();
    throw error;
  }
}

/** What was written under another master key could not be read, and what is written now not by those who have that key. */
async function requireMasterKey({ documents, secrets }: Context): Promise<void> {
  const [keys] = await documents.fromLog([ref.signingKeys()]);
  if (keys && secrets.open("signing_key", keys.active.sealedPrivateJwk, keys.active.kid) === undefined)
    throw new ConfigurationError("masterKey: is not the one that the data in this folder was written with");
}

async function assemble(
  { store, readModels }: Engines,
  secrets: Secrets,
  policy: Policy,
  config: Config,
  logger: Logger,
): Promise<Runtime> {
  const log = createLog(store, secrets);
  const freshness = createFreshness(readModels, clock, config.maxStalenessSeconds * 1000);
  const visibility = createVisibility(readModels, clock);
  const projector = createProjector(store, readModels, clock, {
    advanced: visibility.advanced,
    failed: (error, retryIn) =>
      logger.error({ err: error, retryIn }, "the projector stopped and tries again"),
  });
  const context: Context = {
    log,
    handle: createHandle(log, clock.sleep),
    documents: createDocuments(readModels, log, freshness),
    readModels,
    visibility,
    secrets,
    passwords: createPasswords(),
    clientSecrets: createPasswords(),
    tokens: createTokens(secrets),
    assertions: createClientAssertions({ issuer: policy.issuer, fetchJson: createSafeFetch() }),
    clock,
    policy,
  };
  const refusals = createRefusalCounter(log, clock);
  const jobs = createInProcessJobs(clock, (name, error) =>
    logger.error({ err: error, job: name }, "a job failed"),
  );

  await projector.catchUp(await store.lastPosition());
  await requireMasterKey(context);
  const stopping = new AbortController();
  const loops = [projector.run(stopping.signal), freshness.watch(stopping.signal)];

  return {
    context,
    store,
    refusals,
    notReady: () => (freshness.isFresh() ? [] : ["the read models are stale: no projector keeps up"]),
    startJobs() {
      const system = { actor: "system", correlationId: "signing-key maintenance" };
      jobs.schedule("signing keys", 10 * minute, () => maintainSigningKeys(context, system));
      jobs.schedule("refusals", minute, refusals.flush);
      jobs.schedule("expired documents", minute, async () => {
        while ((await readModels.removeExpired(clock.now(), expiredAtOnce)) === expiredAtOnce)
          await clock.sleep(10);
      });
    },
    async close() {
      await jobs.close();
      await refusals
        .flush()
        .catch((error: unknown) => logger.error({ err: error }, "refusals were not recorded"));
      stopping.abort();
      await Promise.all(loops);
      await store.close();
      await readModels.close();
    },
  };
}
