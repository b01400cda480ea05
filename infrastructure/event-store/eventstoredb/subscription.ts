import { setTimeout as sleep } from "node:timers/promises";
import { type StoredEvent, Unavailable } from "../../../application/ports/event-store.ts";
import type { Connection, Line } from "./connection.ts";
import { unavailable } from "./failure.ts";
import { Feed } from "./feed.ts";
import { pauseAfter } from "./patience.ts";
import type { Tail } from "./tail.ts";

const batchSize = 500;
/** Failures one after another until the caller is told. */
const failureLimit = 8;

export interface SubscriptionParts {
  readonly connection: Connection;
  readonly tail: Tail;
  /** Milliseconds for the server to confirm a subscription. */
  readonly timeout: number;
}

/**
 * All events of the log after the position, in batches, for ever; after a failure it goes on behind the last batch.
 * Ends when the signal is aborted. @throws {Unavailable}
 */
export async function* follow(
  parts: SubscriptionParts,
  after: bigint,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredEvent[]> {
  const { connection, tail } = parts;
  let position = after;
  let failures = 0;
  while (!signal.aborted) {
    const { line } = connection;
    const feed = new Feed(line, tail.after(position));
    try {
      for await (const batch of batches(feed, parts.timeout, signal)) {
        position = feed.position;
        failures = 0;
        const last = batch.at(-1);
        if (last !== undefined) tail.saw(last.position);
        if (last !== undefined) yield batch;
        if (signal.aborted) return;
      }
    } catch (error) {
      failures += 1;
      await recover(connection, line, failures, error, signal);
    } finally {
      feed.close();
    }
  }
}

/** Empty ones too: the first tells that the server has confirmed. */
async function* batches(
  feed: Feed,
  timeout: number,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredEvent[]> {
  while (!feed.confirmed && !signal.aborted) await feed.change(signal, timeout);
  yield [];
  while (!signal.aborted) {
    await feed.change(signal);
    await feed.gather();
    yield feed.take(batchSize);
  }
}

async function recover(
  connection: Connection,
  line: Line,
  failures: number,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  if (error instanceof Unavailable) throw error;
  connection.failed("other", line, error);
  if (failures >= failureLimit) throw unavailable(error);
  await sleep(pauseAfter(failures), undefined, { signal }).catch(() => undefined);
}
