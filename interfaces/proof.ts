import { dirname, join } from "node:path";
import { CannotSign } from "../application/audit/proof/checkpoint.ts";
import { keepLeaves } from "../application/audit/proof/keep-leaves.ts";
import type { CheckpointKeys } from "../application/ports/checkpoint-keys.ts";
import type { CheckpointCopies, Checkpoints } from "../application/ports/checkpoints.ts";
import { BrokenEvent, type EventStore } from "../application/ports/event-store.ts";
import type { KeepLeaves, KeptLeaves } from "../application/ports/kept-leaves.ts";
import { originOf } from "../domain/audit/checkpoint.ts";
import { createCheckpointCopies } from "../infrastructure/audit/checkpoint-copies.ts";
import { createCheckpointFiles } from "../infrastructure/audit/checkpoint-files.ts";
import { openKeptLeaves } from "../infrastructure/audit/kept-leaves.ts";
import type { Config } from "../infrastructure/config/schema.ts";
import { createCheckpointKeys } from "../infrastructure/crypto/checkpoint-keys.ts";
import type { KeyRing } from "../infrastructure/crypto/key-ring.ts";

/** What proves that a log was not changed: its leaves, checkpoints over them, and who signs those. */
export interface Proof {
  readonly leaves: KeptLeaves;
  readonly checkpoints: Checkpoints;
  readonly keys: CheckpointKeys;
  /** Where a copy of each checkpoint goes; undefined where nowhere. */
  readonly copies: CheckpointCopies | undefined;
}

const folderOf = ({ dataDir }: Config, { logId }: Pick<EventStore, "logId">): string =>
  join(dataDir, "checkpoints", logId);

const leavesIn = (folder: string, { eventstoreUrl }: Config): KeptLeaves =>
  openKeptLeaves(join(folder, "leaves.db"), eventstoreUrl === undefined ? "sqlite" : "eventstoredb");

/** What proves a log, beside its data. Whoever asked closes the leaves. */
export function openProof(config: Config, store: Pick<EventStore, "logId">, ring: KeyRing): Proof {
  const folder = folderOf(config, store);
  return {
    leaves: leavesIn(folder, config),
    checkpoints: createCheckpointFiles(folder, dirname(folder)),
    keys: createCheckpointKeys(ring, originOf(store.logId)),
    copies: config.checkpointTo === undefined ? undefined : createCheckpointCopies(config.checkpointTo),
  };
}

/**
 * Takes leaves in before events are removed. Only an embedded log loses them at once: in EventStoreDB they stay until a
 * scavenge, which the schedule is long before; and nobody can ask for the proof of a log in memory.
 * @param failed is told where the log went back, which keeps nobody from being erased
 */
export function keepingLeaves(config: Config, store: EventStore, failed: (error: Error) => void): KeepLeaves {
  if (config.ephemeral || config.eventstoreUrl !== undefined) return async () => true;
  return async () => {
    const leaves = leavesIn(folderOf(config, store), config);
    try {
      const { fault } = await keepLeaves({ store, leaves });
      if (fault !== undefined) failed(new CannotSign(fault));
      return fault === undefined;
    } catch (error) {
      // An event that cannot be read any more keeps nobody from being erased either.
      if (!(error instanceof BrokenEvent)) throw error;
      failed(error);
      return false;
    } finally {
      await leaves.close();
    }
  };
}
