import type { Logger } from "pino";
import { keepCheckpoints } from "../../application/jobs/keep-proof.ts";
import { scheduleJobs } from "../../application/jobs/schedule.ts";
import type { Jobs } from "../../application/ports/jobs.ts";
import { requireMasterKey } from "../../infrastructure/config/master-key.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { measuredJobs } from "../../infrastructure/telemetry/metrics/jobs.ts";
import type { Runtime } from "../compose.ts";
import { openArchive, openErasureList, openJobs } from "../engines.ts";
import { keepingLeaves, openProof } from "../proof.ts";

/** How long the last checkpoint may take when a process stops, in milliseconds. */
const patience = 5_000;

/** What the jobs need to prove the log; undefined for one in memory, whose proof nobody could ask for. */
function proofOf({ context: { clock }, store }: Runtime, config: Config, logger: Logger) {
  if (config.ephemeral) return undefined;
  const signedEvery = config.checkpointMinutes * 60_000;
  const warn = (message: string) => logger.warn(message);
  return { ...openProof(config, store, requireMasterKey(config)), store, clock, signedEvery, warn };
}

/** Signs what the log got until the end, as far as that is quick. */
async function lastCheckpoint(proof: NonNullable<ReturnType<typeof proofOf>>, logger: Logger): Promise<void> {
  const done = new AbortController();
  const signal = AbortSignal.timeout(patience);
  const signing = keepCheckpoints(proof, { signal }).catch((error: unknown) =>
    logger.error({ err: error }, "the last checkpoint was not made, or not sent"),
  );
  await Promise.race([signing, proof.clock.sleep(patience, done.signal)]);
  done.abort();
}

/** Starts the jobs of a deployment; a checkpoint is the last thing that they do. */
export async function startJobs(runtime: Runtime, config: Config, logger: Logger): Promise<Jobs> {
  const { context, store, auditIndex, telemetry } = runtime;
  const opened = await openJobs(config, store, context.clock, {
    failed: (name, error) => logger.error({ err: error, job: name }, "a job failed"),
    lost: (error) => logger.error({ err: error }, "the jobs wait for Redis"),
  });
  const jobs = telemetry ? measuredJobs(opened, telemetry.metrics) : opened;
  const proof = proofOf(runtime, config, logger);
  await scheduleJobs(context, jobs, {
    store,
    archive: openArchive(config, context.clock),
    erasureList: openErasureList(config),
    keepLeaves: keepingLeaves(config, store, (error) => logger.error({ err: error }, "no leaves are kept")),
    index: auditIndex.catchUp,
    proof,
  });
  return {
    ...jobs,
    async close() {
      await jobs.close();
      if (!proof) return;
      await lastCheckpoint(proof, logger);
      await proof.leaves.close();
    },
  };
}
