import { existsSync } from "node:fs";
import { CannotSign, makeCheckpoint } from "../application/audit/proof/checkpoint.ts";
import { type Report, verifyLog } from "../application/audit/verify/verify.ts";
import { beginEpoch } from "../application/commands/begin-epoch.ts";
import type { Ended } from "../application/commands/end-all.ts";
import { repeatErasures } from "../application/commands/erase-user.ts";
import { createHandle } from "../application/commands/handle.ts";
import { createLog } from "../application/log.ts";
import type { EventMetadata, EventStore } from "../application/ports/event-store.ts";
import { openVerifyScratch } from "../infrastructure/audit/verify-scratch.ts";
import type { Manifest } from "../infrastructure/backup/manifest.ts";
import { systemClock as clock } from "../infrastructure/clock.ts";
import { erasureListOf } from "../infrastructure/config/places.ts";
import { policyOf } from "../infrastructure/config/policy.ts";
import type { Config } from "../infrastructure/config/schema.ts";
import type { KeyRing } from "../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../infrastructure/crypto/secrets.ts";
import { createTokens } from "../infrastructure/crypto/tokens.ts";
import { openArchiveReader, openEmbeddedLog, openErasureList } from "./engines.ts";
import { requireOwnMasterKey } from "./own-master-key.ts";
import { keepingLeaves, openProof } from "./proof.ts";

/** Told what is done, and how much of how much. */
export type Told = (what: "Copying" | "Verifying" | "Ending", done: number, total: number) => void;

/** A backup that was copied to where it is worked on, before anybody can be served from it. */
export interface Staged {
  /** Names the copy as the data folder; the list of erasures is that of the deployment. */
  readonly config: Config;
  readonly ring: KeyRing;
  readonly manifest: Manifest;
  readonly signal: AbortSignal;
  readonly told: Told;
}

/** The configuration of a log that lies in a folder of its own. */
export const stagedConfig = (config: Config, folder: string): Config => ({
  ...config,
  dataDir: folder,
  archiveDir: undefined,
  redisUrl: undefined,
  checkpointTo: undefined,
  erasureList: erasureListOf(config),
});

async function withLog<T>({ config }: Staged, work: (store: EventStore) => Promise<T>): Promise<T> {
  const store = await openEmbeddedLog(config.dataDir);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Verifies a staged log as `dacapo audit verify` does, by the leaves and checkpoints of the backup. @throws {Unavailable} */
export const verifyStaged = (staged: Staged, hasArchivesElsewhere: boolean): Promise<Report> =>
  withLog(staged, async (store) => {
    const { config, ring, signal, told } = staged;
    const secrets = createSecrets(ring);
    await requireOwnMasterKey(createLog(store, secrets), secrets);
    const proof = openProof(config, store, ring);
    const scratch = openVerifyScratch();
    try {
      return await verifyLog(
        { ...proof, store, archive: openArchiveReader(config), scratch },
        {
          ...{ isIncremental: false, trusted: undefined, hasArchivesElsewhere, signal },
          progress: (done, total) => told("Verifying", done, total),
        },
      );
    } finally {
      scratch.close();
      await proof.leaves.close();
    }
  });

/** What was done to a log, so that it can be served again. */
export interface Renewed extends Ended {
  readonly logId: string;
  /** How many persons were erased again. */
  readonly erased: number;
  /** The first checkpoint of the log that begins here; undefined where nothing can be signed. */
  readonly checkpoint: number | undefined;
}

/** Signs what the log holds now: the proof of the new log begins here. */
async function signed(
  { config, ring, signal }: Staged,
  store: EventStore,
  warn: (message: string) => void,
): Promise<number | undefined> {
  const proof = openProof(config, store, ring);
  try {
    const made = await makeCheckpoint({ ...proof, store, clock, warn: () => undefined }, signal);
    return made?.checkpoint.number;
  } catch (error) {
    if (!(error instanceof CannotSign)) throw error;
    warn(error.message);
    return undefined;
  } finally {
    await proof.leaves.close();
  }
}

/**
 * Begins the new epoch of a staged log: erases again who was erased since, ends what would be alive again, unless it is to be
 * kept, and signs the result. @param warn is told, in a sentence without a full stop, what a person should know of
 */
export const renewStaged = (
  staged: Staged,
  grantsKept: boolean,
  metadata: EventMetadata,
  warn: (message: string) => void,
): Promise<Renewed> =>
  withLog(staged, async (store) => {
    const { config, ring, manifest, signal, told } = staged;
    const secrets = createSecrets(ring);
    const log = createLog(store, secrets);
    const dependencies = {
      ...{ store, log, clock, handle: createHandle(log, clock.sleep) },
      ...{ tokens: createTokens(secrets), policy: policyOf(config) },
      erasureList: openErasureList(config),
      keepLeaves: keepingLeaves(config, store, ({ message }) => warn(message)),
      // Nobody is served yet, so there is nobody to wait for.
      visibility: { wait: async () => true, advanced: () => undefined },
    };
    const { logId, position, madeAt } = manifest;
    const ended = await beginEpoch(
      dependencies,
      { backup: { logId, position, madeAt: Date.parse(madeAt) }, grantsKept },
      metadata,
      { signal, progress: (done, total) => told("Ending", Number(done), Number(total)) },
    );
    const erased = await repeatErasures(dependencies, metadata);
    return { ...ended, logId: store.logId, erased, checkpoint: await signed(staged, store, warn) };
  });

/** Whether there is a list of who was erased. */
export const hasErasureList = (config: Config): boolean => existsSync(erasureListOf(config));
