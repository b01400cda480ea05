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

/** Milliseconds until it is tried again to erase what a reader still needed. */
const erasureInterval = 1_000;

const { file, busyTimeout }: WorkerOptions = workerData;
const writer = new LogWriter(openWriter(file, busyTimeout));
const { erasure } = writer;
let retries: NodeJS.Timeout | undefined;
retryLater();

parentPort?.on("message", (message: Batch | "close") => {
  if (message === "close") close();
  else parentPort?.postMessage(answer(message));
});

function answer(batch: Batch): Answer {
  try {
    return { outcomes: writer.write(batch) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    retryLater();
  }
}

function retryLater(): void {
  if (erasure.isPending) retries ??= setInterval(retry, erasureInterval);
}

function retry(): void {
  erasure.emptyLog();
  if (!erasure.isPending) stopRetrying();
}

function stopRetrying(): void {
  clearInterval(retries);
  retries = undefined;
}

function close(): void {
  parentPort?.close();
  stopRetrying();
  writer.close();
}
