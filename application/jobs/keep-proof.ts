import { CannotSign, type CheckpointDependencies, makeCheckpoint } from "../audit/proof/checkpoint.ts";
import { type KeepDependencies, keepLeaves } from "../audit/proof/keep-leaves.ts";
import { sendCheckpoint } from "../audit/proof/send-checkpoint.ts";
import type { CheckpointCopies } from "../ports/checkpoints.ts";
import type { JobRun } from "../ports/jobs.ts";

export interface ProofDependencies extends CheckpointDependencies {
  /** Where a copy of each checkpoint goes; undefined where nowhere. */
  readonly copies: CheckpointCopies | undefined;
}

type Stoppable = Pick<JobRun, "signal">;

/** Takes in what the log got since. @throws {CannotSign} where the log went back */
export async function keepLog(dependencies: KeepDependencies, { signal }: Stoppable): Promise<void> {
  const { fault } = await keepLeaves(dependencies, signal);
  if (fault !== undefined) throw new CannotSign(fault);
}

/**
 * Signs the head of the tree where it grew, and sends the newest checkpoint outside, also one that could not be sent
 * before. @throws {CannotSign} @throws where it could not be sent: the one here is kept all the same
 */
export async function keepCheckpoints(dependencies: ProofDependencies, { signal }: Stoppable): Promise<void> {
  await makeCheckpoint(dependencies, signal);
  if (dependencies.copies) await sendCheckpoint(dependencies, dependencies.copies, signal);
}
