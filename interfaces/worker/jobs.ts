import type { Logger } from "pino";
import { scheduleJobs } from "../../application/jobs/schedule.ts";
import type { Jobs } from "../../application/ports/jobs.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import type { Runtime } from "../compose.ts";
import { openArchive, openErasureList, openJobs } from "../engines.ts";

/** Starts the jobs of a deployment. */
export async function startJobs({ context, store }: Runtime, config: Config, logger: Logger): Promise<Jobs> {
  const jobs = await openJobs(config, store, context.clock, {
    failed: (name, error) => logger.error({ err: error, job: name }, "a job failed"),
    lost: (error) => logger.error({ err: error }, "the jobs wait for Redis"),
  });
  await scheduleJobs(context, jobs, {
    store,
    archive: openArchive(config, context.clock),
    erasureList: openErasureList(config),
  });
  return jobs;
}
