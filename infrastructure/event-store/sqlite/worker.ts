import { parentPort, workerData } from "node:worker_threads";
import type { Batch, Outcome } from "./batch.ts";
import { openWriter } from "./connection.ts";
import { LogWriter } from "./log-writer.ts";

export interface WorkerOptions {
  readonly file: string;
  /** How long to wait for other processes that write, in milliseconds. */
  readonly busyTimeout: number;
}

/** What the worker says of a batch. */
export type Answer = { readonly outcomes: readonly Outcome[] } | { readonly failure: string };

const { file, busyTimeout }: WorkerOptions = workerData;
const writer = new LogWriter(openWriter(file, busyTimeout));

parentPort?.on("message", (message: Batch | "close") => {
  if (message === "close") close();
  else parentPort?.postMessage(answer(message));
});

function answer(batch: Batch): Answer {
  try {
    return { outcomes: writer.write(batch) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

function close(): void {
  parentPort?.close();
  writer.checkpoint();
  writer.close();
}
