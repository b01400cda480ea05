import type { Document, DocumentKey } from "../../../application/ports/read-models.ts";

type Documents = readonly (Document | undefined)[];
type Get = (key: DocumentKey) => Document | undefined;

interface Waiting extends PromiseWithResolvers<Documents> {
  readonly keys: readonly DocumentKey[];
}

/** Reads each document once; it is the same for all who ask within one snapshot. */
function once(get: Get): Get {
  const known = new Map<string, Document | undefined>();
  return (key) => {
    const name = `${key.collection}/${key.id}`;
    const document = known.get(name) ?? get(key);
    known.set(name, document);
    return document;
  };
}

/**
 * Answers the reads of one turn of the event loop from one snapshot, which is taken after the last of them was asked
 * for: taking one costs as much as three documents, and requests of one time ask for the same client and resource.
 */
export class SharedReads {
  readonly #snapshot: (work: (get: Get) => void) => void;
  #waiting: Waiting[] = [];

  /** @param snapshot runs work that may read documents of one consistent state */
  constructor(snapshot: (work: (get: Get) => void) => void) {
    this.#snapshot = snapshot;
  }

  getMany(keys: readonly DocumentKey[]): Promise<Documents> {
    const waiting = { keys, ...Promise.withResolvers<Documents>() };
    if (this.#waiting.push(waiting) === 1) setImmediate(() => this.#answer());
    return waiting.promise;
  }

  #answer(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      this.#snapshot((getAny) => {
        const get = once(getAny);
        for (const { keys, resolve } of batch) resolve(keys.map(get));
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
