import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Connection, Transaction } from "./connection.ts";

/** One consistent state of the database. */
export interface Snapshot {
  /** Reads what this name stands for once; all who ask within this snapshot get the same object. */
  once<Result>(name: string, read: (transaction: Transaction) => Result): Result;
  readonly incarnation: string;
}

interface Waiting {
  readonly answer: (snapshot: Snapshot) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Answers the reads of one turn of the event loop from one snapshot, which is taken after the last of them was asked
 * for: taking one costs as much as three documents, and requests of one time ask for the same client and resource.
 */
export class SharedReads {
  readonly #connection: Connection;
  #waiting: Waiting[] = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** @throws {Unavailable} also where it is not the incarnation that the caller believes */
  read<Result>(believed: string | undefined, work: (snapshot: Snapshot) => Result): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const answer = (snapshot: Snapshot) => {
      if ((believed ?? snapshot.incarnation) === snapshot.incarnation) resolve(work(snapshot));
      else reject(new Unavailable("the read models are another file than was believed"));
    };
    this.#waiting.push({ answer, fail: reject });
    if (this.#waiting.length === 1) setImmediate(() => this.#answer());
    return promise;
  }

  #answer(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      this.#connection.read((transaction) => {
        const snapshot = snapshotOf(transaction);
        for (const { answer } of batch) answer(snapshot);
      });
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  }
}

function snapshotOf(transaction: Transaction): Snapshot {
  const known = new Map<string, unknown>();
  return {
    incarnation: transaction.incarnation,
    once<Result>(name: string, read: (transaction: Transaction) => Result): Result {
      if (!known.has(name)) known.set(name, read(transaction));
      return known.get(name) as Result;
    },
  };
}
