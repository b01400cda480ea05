import { Counter, Gauge, Histogram } from "prom-client";
import type { Jobs } from "../../../application/ports/jobs.ts";
import type { Metrics } from "./metrics.ts";

/** The jobs, with their runs in this process counted and timed, and how many runs wait in the whole deployment. */
export function measuredJobs(jobs: Jobs, { registry, whenAsked }: Metrics): Jobs {
  const registers = [registry];
  const runs = new Counter({
    name: "dacapo_job_runs_total",
    help: "Runs of jobs in this process, by job and result",
    labelNames: ["job_name", "result"],
    registers,
  });
  const seconds = new Histogram({
    name: "dacapo_job_seconds",
    help: "How long runs of jobs took",
    labelNames: ["job_name"],
    buckets: [0.01, 0.1, 1, 10, 60, 600],
    registers,
  });
  const succeededAt = new Gauge({
    name: "dacapo_job_last_success_timestamp_seconds",
    help: "When a run of the job last succeeded in this process; before that when the process began to schedule it",
    labelNames: ["job_name"],
    registers,
  });
  const queued = new Gauge({
    name: "dacapo_jobs_queued",
    help: "Runs of jobs in the queue of the deployment, by state; of those in one process only the active ones",
    labelNames: ["state"],
    registers,
  });
  whenAsked([], async () => {
    queued.reset();
    for (const [state, count] of Object.entries(await jobs.counts())) queued.set({ state }, count);
  });
  return {
    ...jobs,
    schedule(name, interval, work) {
      succeededAt.setToCurrentTime({ job_name: name });
      return jobs.schedule(name, interval, async (run) => {
        const end = seconds.startTimer({ job_name: name });
        try {
          await work(run);
          runs.inc({ job_name: name, result: "done" });
          succeededAt.setToCurrentTime({ job_name: name });
        } catch (error) {
          if (!run.signal.aborted) runs.inc({ job_name: name, result: "failed" });
          throw error;
        } finally {
          end();
        }
      });
    },
  };
}
