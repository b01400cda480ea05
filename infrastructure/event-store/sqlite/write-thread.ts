import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Batch, BatchWriter, Outcome } from "./batch.ts";
import type { Answer, WorkerOptions } from "./worker.ts";

/** The worker is `worker.ts` beside the sources and `worker.js` in what was compiled from them. */
export function startWorker(options: WorkerOptions): Worker {
  return new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), { workerData: options });
}

/** Writes in a worker thread, so that nobody here waits for the disk. One that died is replaced at the next batch. */
export class WriteThread implements BatchWriter {
  readonly #start: () => Worker;
  #worker: Worker | undefined;
  #underWay: PromiseWithResolvers<readonly Outcome[]> | undefined;

  constructor(start: () => Worker) {
    this.#start = start;
    this.#worker = this.#watched(start());
  }

  write(batch: Batch): Promise<readonly Outcome[]> {
    this.#worker ??= this.#watched(this.#start());
    this.#underWay = Promise.withResolvers();
    this.#worker.postMessage(batch);
    return this.#underWay.promise;
  }

  /** A thread that fails to tidy up loses nothing: whoever opens the file next does it. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    const { promise, resolve } = Promise.withResolvers<number>();
    worker.on("exit", resolve);
    worker.postMessage("close");
    await promise;
  }

  #watched(worker: Worker): Worker {
    worker.on("message", (answer: Answer) => this.#answered(answer));
    worker.on("error", (cause) => this.#died(worker, cause));
    worker.on("exit", (code) => this.#died(worker, new Error(`exit code ${code}`)));
    return worker;
  }

  #answered(answer: Answer): void {
    if ("failure" in answer) this.#underWay?.reject(new Unavailable(`the event log: ${answer.failure}`));
    else this.#underWay?.resolve(answer.outcomes);
  }

  #died(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#underWay?.reject(new Unavailable("the thread that writes the event log died", { cause }));
  }
}
