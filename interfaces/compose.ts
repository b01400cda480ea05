import type { Logger } from "pino";
import { createRefusalCounter, type RefusalCounter } from "../application/commands/count-refusals.ts";
import { createHandle } from "../application/commands/handle.ts";
import type { Context } from "../application/context.ts";
import { createDocuments } from "../application/documents.ts";
import { createFreshness } from "../application/freshness.ts";
import { createLog } from "../application/log.ts";
import type { Policy } from "../application/policy.ts";
import type { EventStore } from "../application/ports/event-store.ts";
import type { ReadModels } from "../application/ports/read-models.ts";
import type { Secrets } from "../application/ports/secrets.ts";
import { createProjector, type Projector } from "../application/projector/projector.ts";
import { createVisibility } from "../application/visibility.ts";
import { systemClock as clock } from "../infrastructure/clock.ts";
import { loadMasterKey } from "../infrastructure/config/master-key.ts";
import { policyOf } from "../infrastructure/config/policy.ts";
import type { Config } from "../infrastructure/config/schema.ts";
import { createClientAssertions } from "../infrastructure/crypto/client-assertions.ts";
import { createPasswords } from "../infrastructure/crypto/passwords.ts";
import { createSecrets } from "../infrastructure/crypto/secrets.ts";
import { createTokens } from "../infrastructure/crypto/tokens.ts";
import type { Counters } from "../infrastructure/limits/counters.ts";
import { createSafeFetch } from "../infrastructure/network/safe-fetch.ts";
import type { Telemetry } from "../infrastructure/telemetry/telemetry.ts";
import { toldLog } from "../infrastructure/telemetry/told-log.ts";
import { type CurrentIndex, createCurrentIndex } from "./audit/current-index.ts";
import {
  type Engines,
  makeDataDir,
  openCounters,
  openEngines,
  openErasureList,
  type Role,
} from "./engines.ts";
import { requireOwnMasterKey } from "./own-master-key.ts";

/** Dacapo, put together: use cases over adapters, and the loops that run beside them. */
export interface Runtime {
  readonly context: Context;
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly projector: Projector;
  readonly refusals: RefusalCounter;
  /** By what questions about the past are answered. */
  readonly auditIndex: CurrentIndex;
  /** What watches this process; undefined where nothing does. */
  readonly telemetry: Telemetry | undefined;
  /** What limits are counted by. */
  readonly counters: Counters;
  /** Why nothing can be served yet; empty when all is well. */
  notReady(): readonly string[];
  /** How far this process' clock is ahead of that of the read models at least; negative where behind, ms. */
  clockSkew(): number;
  /** Why this process may neither issue nor judge; undefined where its clock is right. */
  clockFault(): string | undefined;
  /** Stops the loops and closes the stores; what was counted is recorded first. */
  close(): Promise<void>;
}

export interface ComposeOptions {
  /** Engines that are opened already; they are closed with the rest. */
  readonly engines?: Engines;
  readonly role?: Role;
  /** Whether this process carries events into the read models; where not, another one must. */
  readonly projects?: boolean;
  readonly telemetry?: Telemetry | undefined;
}

/** How often the refusals that were counted are recorded, ms. */
const refusalWindow = 60_000;

/** The composition root: the only place that knows all adapters. @throws {ConfigurationError} @throws {Unavailable} */
export async function compose(
  config: Config,
  logger: Logger,
  { engines, role = "command", projects = true, telemetry }: ComposeOptions = {},
): Promise<Runtime> {
  makeDataDir(config);
  const secrets = createSecrets(loadMasterKey(config));
  const policy = policyOf(config);
  const opened = engines ?? (await openEngines(config, role, telemetry?.committed));
  try {
    return await assemble(opened, secrets, policy, config, logger, { projects, telemetry });
  } catch (error) {
    await opened.store.close();
    await opened.readModels.close();
    throw error;
  }
}

async function assemble(
  { store, readModels }: Engines,
  secrets: Secrets,
  policy: Policy,
  config: Config,
  logger: Logger,
  { projects, telemetry }: Pick<ComposeOptions, "projects" | "telemetry">,
): Promise<Runtime> {
  const told = toldLog(createLog(store, secrets), logger);
  const log = telemetry?.log(told) ?? told;
  const maxStaleness = config.maxStalenessSeconds * 1000;
  const maxSkew = config.clockMaxSkewSeconds * 1000;
  const freshness = createFreshness(readModels, clock, maxStaleness);
  const ownVisibility = createVisibility(readModels, clock);
  const visibility = telemetry?.visibility(ownVisibility) ?? ownVisibility;
  let isStopped = false;
  const projector = createProjector(
    store,
    readModels,
    clock,
    {
      advanced: visibility.advanced,
      applied: (events, startedAt) => telemetry?.projected(events, startedAt, clock.now()),
      kept() {
        if (isStopped) logger.info("the projector goes on");
        isStopped = false;
      },
      failed(error, retryIn) {
        const level = isStopped ? "debug" : "error";
        logger[level]({ err: error, retryIn }, "the projector stopped and tries again");
        isStopped = true;
      },
      parked: ({ stream, position, type }, error) =>
        logger.error(
          { err: error, stream, position: String(position), type },
          "an event cannot be projected: its stream is parked and answered from the log",
        ),
    },
    maxStaleness,
  );
  const fetchJwks = createSafeFetch();
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
    assertions: createClientAssertions({
      issuer: policy.issuer,
      fetchJson: async (url) => (await fetchJwks(url)).json,
    }),
    clock,
    policy,
  };
  const refusals = createRefusalCounter(log, clock);
  const counters = await openCounters(config, store, logger);
  const auditIndex = createCurrentIndex(config, store.logId, {
    store,
    log,
    secrets,
    erasureList: openErasureList(config),
    clock,
  });
  const stopping = new AbortController();

  await requireOwnMasterKey(log, secrets);
  if (projects) {
    await projector.catchUp(await store.lastPosition());
    await freshness.look();
    // The heartbeat must change between two looks that are close to each other.
    await projector.catchUp(0n);
    await freshness.look();
  }
  const loops = [
    freshness.watch(stopping.signal),
    recordRefusals(),
    ...(projects ? [projector.run(stopping.signal)] : []),
  ];

  async function recordRefusals(): Promise<void> {
    while (!stopping.signal.aborted) {
      await clock.sleep(refusalWindow, stopping.signal);
      await refusals
        .flush()
        .catch((error: unknown) => logger.error({ err: error }, "refusals were not recorded"));
    }
  }

  function clockFault(): string | undefined {
    const skew = freshness.clockSkew();
    return Math.abs(skew) <= maxSkew
      ? undefined
      : `the clock is ${Math.round(Math.abs(skew) / 100) / 10} s ${skew > 0 ? "ahead of" : "behind"} that of the read models`;
  }

  const notReady = (): readonly string[] => [
    ...(freshness.isFresh() ? [] : [freshness.fault() ?? "the read models are stale: no projector keeps up"]),
    ...[clockFault()].filter((fault) => fault !== undefined),
  ];

  return {
    context,
    store,
    readModels,
    projector,
    refusals,
    auditIndex,
    counters,
    telemetry,
    clockSkew: freshness.clockSkew,
    clockFault,
    notReady,
    async close() {
      stopping.abort();
      await Promise.all(loops);
      await auditIndex.close();
      await counters.close();
      await store.close();
      await readModels.close();
    },
  };
}
