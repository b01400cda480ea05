import { type Job, Queue, Worker } from "bullmq";
import type { Cluster, Redis } from "ioredis";
import type { JobRun, Jobs } from "../../application/ports/jobs.ts";
import { systemClock } from "../clock.ts";
import { unavailable } from "../redis/failures.ts";
import { watchClient } from "./bullmq-client.ts";
import { keepScheduled } from "./bullmq-schedules.ts";

export interface BullmqOptions {
  /** A new client, with `maxRetriesPerRequest: null` as BullMQ demands; it is closed with the jobs. */
  readonly connection: () => Redis | Cluster;
  /** Before every key, with a hash tag so that a Cluster keeps them together: `{dacapo:<log id>}`. */
  readonly prefix: string;
  /** Is told of each run that threw. */
  readonly failed: (name: string, error: unknown) => void;
  /** Is told that Redis does not answer, once until it does again. */
  readonly lost: (error: unknown) => void;
  /** How long (ms) a process that gives no sign of life keeps its run; then another one takes it over. */
  readonly lockDuration?: number;
}

const queueName = "jobs";
/** Runs of different jobs that one process has under way at once: a long one must not keep the others waiting. */
const concurrency = 4;
/** How often a run may be taken over from a process that died; then it is left to the next interval. */
const maxTakeOvers = 10;
/** How long scheduling and closing wait for Redis (ms); what takes longer is done when it is there. */
const patience = 2_000;
/** How often progress is told, at most (ms). */
const progressInterval = 200;

/** When a run was due: BullMQ names it `repeat:<schedule>:<time>`. */
const dueAt = ({ id = "" }: Job): number => Number(id.slice(id.lastIndexOf(":") + 1));

/** Waits for the work, but no longer than `patience`. */
async function patiently(work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, systemClock.sleep(patience, done.signal)]);
  done.abort();
}

/** Tells of progress now and then; the work waits for none of it. */
function progressOf(job: Job, failed: (error: unknown) => void): JobRun["progress"] {
  let toldAt = Number.NEGATIVE_INFINITY;
  return async (done) => {
    const now = performance.now();
    if (now - toldAt < progressInterval) return;
    toldAt = now;
    job.updateProgress(done).catch(failed);
  };
}

/** A lock that was lost while Redis is well: `lockRenewalFailed` tells of it. */
const isOfLock = (error: unknown): boolean => error instanceof Error && error.message.includes("renew lock");

/** Jobs that are shared by all processes over one Redis: each schedule runs once an interval in the whole deployment. */
export function createBullmqJobs({
  connection,
  prefix,
  failed,
  lost,
  lockDuration = 5_000,
}: BullmqOptions): Jobs {
  const stopping = new AbortController();
  const works = new Map<string, (run: JobRun) => Promise<void>>();
  const schedules: Promise<void>[] = [];
  const runs = new Set<Promise<void>>();
  let closing: Promise<void> | undefined;

  function tell(name: string, error: unknown): void {
    if (!stopping.signal.aborted) failed(name, error);
  }
  let isLost = false;
  /** Once until it is there again, and without what was sent: an error of Redis repeats passwords. */
  function tellOfRedis(error: unknown): void {
    if (isLost || stopping.signal.aborted || isOfLock(error)) return;
    isLost = true;
    lost(unavailable(error));
  }

  const { client, disconnect } = watchClient(connection(), tellOfRedis);
  client.on("ready", () => {
    isLost = false;
  });
  const queue = new Queue(queueName, { connection: client, prefix });
  const worker = new Worker(queueName, perform, {
    connection: client,
    prefix,
    autorun: false,
    concurrency,
    lockDuration,
    stalledInterval: lockDuration,
    maxStalledCount: maxTakeOvers,
    // Seconds: how long an empty queue is waited on before it is looked at again.
    drainDelay: 1,
    runRetryDelay: 1_000,
  });
  queue.on("error", tellOfRedis);
  worker.on("error", tellOfRedis);
  worker.on("failed", (job, error) => tell(job?.name ?? queueName, error));
  // Whoever lost the lock is taken for dead: another process does the run now.
  worker.on("lockRenewalFailed", (ids) => {
    for (const id of ids) worker.cancelJob(id, "lost");
  });

  /** Whether a run of the same schedule that was due earlier is still to come to its end, here or elsewhere. */
  async function isBehind(job: Job): Promise<boolean> {
    const unfinished = await queue.getJobs(["active", "waiting", "delayed"]);
    return unfinished.some((other) => other?.name === job.name && dueAt(other) < dueAt(job));
  }

  async function perform(job: Job, _token?: string, lost?: AbortSignal): Promise<void> {
    const work = works.get(job.name);
    // A process of another version may have scheduled it; one of that version will do it.
    if (!work) throw new Error(`there is no job ${job.name} in this process`);
    isLost = false;
    if (await isBehind(job)) return;
    stopping.signal.throwIfAborted();
    const signal = lost ? AbortSignal.any([stopping.signal, lost]) : stopping.signal;
    const run = work({ signal, progress: progressOf(job, tellOfRedis) });
    const ended = run.catch(() => undefined);
    runs.add(ended);
    try {
      await run;
    } finally {
      runs.delete(ended);
    }
    // What was cut short is retried soon, by a process that goes on.
    stopping.signal.throwIfAborted();
  }

  /** Once no run is under way; a worker that ends may have swallowed the call to the others, so it is given again. */
  async function closeOrderly(): Promise<void> {
    await Promise.all([worker.close(), ...schedules]);
    await queue.resume();
    await queue.close();
  }

  async function close(): Promise<void> {
    stopping.abort(new Error("the process stops"));
    await Promise.all(runs);
    await patiently(closeOrderly().catch(() => undefined));
    disconnect();
  }

  return {
    async schedule(name, interval, work) {
      works.set(name, work);
      if (!worker.isRunning()) worker.run().catch(tellOfRedis);
      const { promise, resolve: done } = Promise.withResolvers<void>();
      schedules.push(
        keepScheduled(queue, name, interval, { signal: stopping.signal, done, failed: tellOfRedis }),
      );
      await patiently(promise);
    },
    counts: () => queue.getJobCounts("active", "waiting", "delayed", "failed"),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
