import type { Clock } from "../../../application/ports/clock.ts";
import {
  type AppendResult,
  type EventStore,
  type NewEvent,
  type ReadOptions,
  type StoredEvent,
  Unavailable,
} from "../../../application/ports/event-store.ts";
import { holdsAny } from "../held.ts";
import type { Appender } from "./appender.ts";
import type { Claim } from "./claim.ts";
import { decode, encode } from "./codec.ts";
import type { Connection } from "./connection.ts";
import { readLog } from "./log-reader.ts";
import { stored } from "./names.ts";
import type { Patience } from "./patience.ts";
import { readStream } from "./reader.ts";
import { Remover } from "./remover.ts";
import { follow } from "./subscription.ts";
import type { Tail } from "./tail.ts";

export interface Parts {
  readonly logId: string;
  readonly connection: Connection;
  readonly appender: Appender;
  readonly tail: Tail;
  readonly claim: Claim | undefined;
  readonly clock: Pick<Clock, "now">;
  readonly patience: Patience;
  /** Called once, when nothing is under way any more. */
  readonly disconnect: () => Promise<void>;
}

/** The event store over EventStoreDB. */
export class EventStoreDbEventStore implements EventStore {
  readonly logId: string;
  readonly #parts: Parts;
  readonly #remover: Remover;
  readonly #closed = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.logId = parts.logId;
    this.#parts = parts;
    this.#remover = new Remover(parts.connection, parts.patience);
  }

  async append(stream: string, events: readonly NewEvent[], expectedRevision: number): Promise<AppendResult> {
    if (events.length === 0) throw new TypeError("an append needs at least one event");
    const now = this.#parts.clock.now();
    const append = {
      stream: stored(stream),
      events: events.map((event) => encode(event, now)),
      expectedRevision,
    };
    const result = await this.#write(() => this.#parts.appender.append(append));
    this.#parts.tail.saw(result.position);
    return result;
  }

  async read(stream: string, options: ReadOptions): Promise<readonly StoredEvent[]> {
    this.#refuseWhenClosed();
    const { connection, patience } = this.#parts;
    const found = await readStream(connection, stored(stream), options, patience);
    return found.map(decode).filter((event) => event !== undefined);
  }

  async readAll(after: bigint, limit: number): Promise<readonly StoredEvent[]> {
    this.#refuseWhenClosed();
    const { connection, tail, patience } = this.#parts;
    return readLog(connection, tail, after, limit, patience);
  }

  async lastPosition(): Promise<bigint> {
    this.#refuseWhenClosed();
    return this.#parts.tail.find();
  }

  async *subscribe(after: bigint, signal: AbortSignal): AsyncGenerator<readonly StoredEvent[]> {
    const { connection, tail, patience } = this.#parts;
    const ended = AbortSignal.any([signal, this.#closed.signal]);
    yield* follow({ connection, tail, timeout: patience.perTry }, after, ended);
    if (!signal.aborted) this.#refuseWhenClosed();
  }

  async softDelete(stream: string, expectedRevision: number): Promise<void> {
    await this.#write(() => this.#remover.softDelete(stored(stream), expectedRevision));
  }

  async tombstone(stream: string, expectedRevision: number): Promise<void> {
    await this.#write(() => this.#remover.tombstone(stored(stream), expectedRevision));
  }

  /** A scavenge removes them, which is for the operator to schedule. */
  async isErased(positions: readonly bigint[]): Promise<boolean> {
    return !(await holdsAny(this, positions));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  // All that is under way has a deadline.
  async #close(): Promise<void> {
    this.#closed.abort();
    await Promise.allSettled(this.#underWay);
    await this.#parts.claim?.release();
    await this.#parts.disconnect();
  }

  async #write<T>(work: () => Promise<T>): Promise<T> {
    this.#refuseWhenClosed();
    this.#parts.claim?.check();
    const writing = work();
    this.#underWay.add(writing);
    try {
      return await writing;
    } finally {
      this.#underWay.delete(writing);
    }
  }

  #refuseWhenClosed(): void {
    if (this.#closed.signal.aborted) throw new Unavailable("the event store is closed");
  }
}
