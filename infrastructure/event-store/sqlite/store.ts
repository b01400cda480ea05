import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../../application/ports/clock.ts";
import type {
  AppendResult,
  EventStore,
  NewEvent,
  ReadOptions,
  StoredEvent,
} from "../../../application/ports/event-store.ts";
import { holdsAny } from "../held.ts";
import { type BatchWriter, serialise } from "./batch.ts";
import { GroupCommit } from "./group-commit.ts";
import type { LogReader } from "./log-reader.ts";
import { Tail } from "./tail.ts";

const subscriptionBatch = 500;
/** Whoever reads so many events at once reads page by page: signals and requests get their turn between two of them. */
const longRead = 64;

/** What differs between a log in a file and one in memory. */
export interface Parts {
  readonly reader: LogReader;
  readonly writer: BatchWriter;
  readonly clock: Pick<Clock, "now">;
  /** Milliseconds between looks for appends of other processes; absent where there can be none. */
  readonly pollInterval?: number;
  /** Is told of each batch that was written, and how many writes it held. */
  readonly committed?: ((writes: number) => void) | undefined;
}

/** The event store over SQLite: it reads on the calling thread and writes through the group commit. */
export class SqliteEventStore implements EventStore {
  readonly logId: string;
  readonly #reader: LogReader;
  readonly #writer: BatchWriter;
  readonly #tail: Tail;
  readonly #commits: GroupCommit;
  #closing: Promise<void> | undefined;

  constructor({ reader, writer, clock, pollInterval, committed }: Parts) {
    this.logId = reader.logId;
    this.#reader = reader;
    this.#writer = writer;
    this.#tail = new Tail(() => reader.lastHeld(), pollInterval);
    this.#commits = new GroupCommit(writer, clock, (writes) => {
      this.#tail.check();
      committed?.(writes);
    });
  }

  async append(stream: string, events: readonly NewEvent[], expectedRevision: number): Promise<AppendResult> {
    if (events.length === 0) throw new TypeError("an append needs at least one event");
    return this.#commits.append({ stream, events: events.map(serialise), expectedRevision });
  }

  async read(stream: string, options: ReadOptions): Promise<readonly StoredEvent[]> {
    return this.#reader.stream(stream, options);
  }

  async readAll(after: bigint, limit: number): Promise<readonly StoredEvent[]> {
    const events = this.#reader.after(after, limit);
    if (events.length >= longRead) await nextTurn();
    return events;
  }

  async lastPosition(): Promise<bigint> {
    return this.#reader.lastPosition();
  }

  async *subscribe(after: bigint, signal: AbortSignal): AsyncGenerator<readonly StoredEvent[]> {
    let position = after;
    while (!signal.aborted) {
      const events = this.#reader.after(position, subscriptionBatch);
      const last = events.at(-1);
      if (last === undefined) {
        await this.#tail.grown(position, signal);
      } else {
        position = last.position;
        yield events;
        await nextTurn(); // a long catch-up must not keep the thread to itself
      }
    }
  }

  softDelete(stream: string, expectedRevision: number): Promise<void> {
    return this.#commits.remove({ stream, expectedRevision, isForEver: false });
  }

  tombstone(stream: string, expectedRevision: number): Promise<void> {
    return this.#commits.remove({ stream, expectedRevision, isForEver: true });
  }

  async isErased(positions: readonly bigint[]): Promise<boolean> {
    return !(await holdsAny(this, positions)) && (await this.#commits.erase());
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  // The writer last: only a connection that may write can tidy the write-ahead log away.
  async #close(): Promise<void> {
    await this.#commits.close();
    this.#reader.close();
    this.#tail.close();
    await this.#writer.close();
  }
}
