import type { Document, DocumentKey } from "../../../application/ports/read-models.ts";
import type { Connection } from "./connection.ts";
import type { Statements } from "./statements.ts";

/** One consistent state of the database. */
export interface Snapshot {
  /** A document; the same object for all who ask within this snapshot. */
  get(key: DocumentKey): Document | undefined;
  readonly statements: Statements;
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

  /** @throws {Unavailable} */
  read<Result>(work: (snapshot: Snapshot) => Result): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ answer: (snapshot) => resolve(work(snapshot)), fail: reject });
    if (this.#waiting.length === 1) setImmediate(() => this.#answer());
    return promise;
  }

  #answer(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      this.#connection.read((statements) => {
        const snapshot = { statements, get: getOnce(statements) };
        for (const { answer } of batch) answer(snapshot);
      });
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  }
}

function getOnce({ get }: Statements): Snapshot["get"] {
  const known = new Map<string, Document | undefined>();
  return ({ collection, id }) => {
    const name = `${collection}/${id}`;
    if (!known.has(name)) {
      const row = get.get(collection, id);
      known.set(name, row && JSON.parse(String(row.data)));
    }
    return known.get(name);
  };
}
