import type { Clock } from "../../../application/ports/clock.ts";
import type { EventStore } from "../../../application/ports/event-store.ts";
import type { BatchWriter } from "./batch.ts";
import { openMemory, openReader, prepareFile } from "./connection.ts";
import { orUnavailable } from "./failure.ts";
import { LogReader } from "./log-reader.ts";
import { LogWriter } from "./log-writer.ts";
import { SqliteEventStore } from "./store.ts";
import { startWorker, WriteThread } from "./write-thread.ts";

export interface EventStoreOptions {
  /** Gives events their time. It may step back; the order of the log is that of its positions. */
  readonly clock?: Pick<Clock, "now">;
  /** Is told of each transaction, and how many writes shared it. */
  readonly committed?: ((writes: number) => void) | undefined;
}

export interface SqliteEventStoreOptions extends EventStoreOptions {
  /** Made where it does not exist; its folder must. */
  readonly file: string;
  /** How long an append waits for other processes that write, in milliseconds. */
  readonly busyTimeout?: number;
}

/** Milliseconds until an append of another process is noticed. */
const pollInterval = 25;

/**
 * Opens a log kept in a file, which any number of processes may read and append to.
 * @throws an error that names the file, where it is no log of a known format
 * @throws {Unavailable} where other processes keep it locked
 */
export async function openSqliteEventStore(options: SqliteEventStoreOptions): Promise<EventStore> {
  const { file, clock = Date, busyTimeout = 5_000, committed } = options;
  await prepareFile(file, busyTimeout);
  const reader = orUnavailable(() => new LogReader(openReader(file)));
  const writer = new WriteThread(() => startWorker({ file, busyTimeout }));
  return new SqliteEventStore({ reader, writer, clock, pollInterval, committed });
}

/** Opens an empty log in memory, which is gone when it is closed. */
export async function openEphemeralEventStore({
  clock = Date,
  committed,
}: EventStoreOptions = {}): Promise<EventStore> {
  const db = openMemory();
  const writer = onThisThread(new LogWriter(db));
  return new SqliteEventStore({ reader: new LogReader(db), writer, clock, committed });
}

function onThisThread(writer: LogWriter): BatchWriter {
  return {
    write: async (batch) => orUnavailable(() => writer.write(batch)),
    close: async () => undefined, // the connection is the reader's, which closes it
  };
}
