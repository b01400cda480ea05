import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../../application/ports/clock.ts";
import {
  type AppendResult,
  StreamTombstoned,
  Unavailable,
  WrongExpectedRevision,
} from "../../../application/ports/event-store.ts";
import type { Append, BatchWriter, Outcome, Refusal, Removal, Write } from "./batch.ts";

/** Writes that may wait for the disk; more are turned away, so that a slow disk does not eat the memory. */
const maxWaiting = 10_000;
/** Writes in one transaction; keeps the lock short for other processes. */
const maxBatch = 1_000;

type Done = Exclude<Outcome, Refusal>;

interface Waiting extends PromiseWithResolvers<Done> {
  readonly write: Write;
}

/** Collects appends and removals while the writer is busy and gives them to it together, so that they share one fsync. */
export class GroupCommit {
  readonly #writer: BatchWriter;
  readonly #clock: Pick<Clock, "now">;
  readonly #committed: (writes: number) => void;
  #waiting: Waiting[] = [];
  #draining: Promise<void> | undefined;
  #closed = false;

  /** @param committed called after every batch that was written, with how many writes it held */
  constructor(writer: BatchWriter, clock: Pick<Clock, "now">, committed: (writes: number) => void) {
    this.#writer = writer;
    this.#clock = clock;
    this.#committed = committed;
  }

  /** @throws {WrongExpectedRevision} @throws {StreamTombstoned} @throws {Unavailable} */
  async append(append: Append): Promise<AppendResult> {
    return (await this.#enqueue(append)) as AppendResult;
  }

  /** @throws {WrongExpectedRevision} @throws {Unavailable} */
  async remove(removal: Removal): Promise<void> {
    await this.#enqueue(removal);
  }

  /** Whether nothing is left of what was removed for ever; sees to it first. @throws {Unavailable} */
  async erase(): Promise<boolean> {
    const outcome = await this.#enqueue({ erases: true });
    return "isErased" in outcome && outcome.isErased;
  }

  /** Turns away what comes, and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
  }

  async #enqueue(write: Write): Promise<Done> {
    if (this.#closed) throw new Unavailable("the event log is closed");
    if (this.#waiting.length >= maxWaiting) throw new Unavailable("too many appends are waiting");
    const waiting = { write, ...Promise.withResolvers<Done>() };
    this.#waiting.push(waiting);
    this.#draining ??= this.#drain();
    return waiting.promise;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextTurn(); // whoever appends in the same turn joins the batch
      await this.#commit(this.#waiting.splice(0, maxBatch));
    }
    this.#draining = undefined;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    try {
      const appends = batch.map(({ write }) => write);
      const outcomes = await this.#writer.write({ time: this.#clock.now(), appends });
      for (const [index, waiting] of batch.entries()) settle(waiting, outcomes[index]);
      this.#committed(batch.length);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

function settle({ write, resolve, reject }: Waiting, outcome: Outcome | undefined): void {
  const stream = "stream" in write ? write.stream : "";
  if (outcome === undefined) reject(new Unavailable("the event log gave no answer"));
  else if ("actual" in outcome) reject(new WrongExpectedRevision(stream, outcome.actual));
  else if ("isTombstoned" in outcome) reject(new StreamTombstoned(stream));
  else resolve(outcome);
}
