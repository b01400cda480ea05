import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Document, DocumentKey, Listed, ListQuery } from "../../../application/ports/read-models.ts";
import { BoundedMap } from "../../bounded/map.ts";
import type { Connection, Transaction } from "./connection.ts";
import { getDocument, listDocuments } from "./documents.ts";

/** One consistent state of the read models that answer. */
export interface Snapshot {
  /** Each is read once; all who ask get the same object. */
  document(key: DocumentKey): Document | undefined;
  list(collection: string, query: ListQuery): readonly Listed[];
  readonly incarnation: string;
}

interface Waiting {
  readonly answer: (snapshot: Snapshot) => void;
  readonly fail: (error: unknown) => void;
}

/** Documents, and lists, of a collection that are remembered from one snapshot to the next. */
const maxDocuments = 4_096;
const maxLists = 64;
/** Characters of an id, and of a document, that is remembered: whoever asks chooses the id. */
const maxId = 128;
const maxText = 8_192;

/** What was read of a collection. */
interface Collection {
  readonly documents: BoundedMap<string, { readonly document: Document | undefined }>;
  readonly lists: BoundedMap<string, readonly Listed[]>;
}

/** What was read from one state of the file. */
class Remembered {
  readonly #collections = new Map<string, Collection>();
  /** Which state: another one where another connection has committed, or another build or file answers. */
  readonly state: string;

  constructor(state: string) {
    this.state = state;
  }

  of(name: string): Collection {
    const known = this.#collections.get(name);
    if (known) return known;
    const fresh = {
      documents: new BoundedMap<string, never>(maxDocuments),
      lists: new BoundedMap<string, never>(maxLists),
    };
    this.#collections.set(name, fresh);
    return fresh;
  }

  forget(keys: readonly DocumentKey[]): void {
    for (const { collection, id } of keys) this.#collections.get(collection)?.documents.delete(id);
    for (const name of new Set(keys.map(({ collection }) => collection)))
      this.#collections.get(name)?.lists.clear();
  }
}

/**
 * Answers the reads of one turn of the event loop from one snapshot, which is taken after the last of them was asked
 * for: taking one costs as much as three documents, and requests of one time ask for the same client and resource. What was
 * read is remembered as long as the engine says that no other connection has committed, and until this one writes it.
 */
export class SharedReads {
  readonly #connection: Connection;
  #waiting: Waiting[] = [];
  #remembered = new Remembered("");

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

  /** To be called before this connection writes these documents, or any at all. */
  forget(keys?: readonly DocumentKey[]): void {
    if (keys) this.#remembered.forget(keys);
    else this.#remembered = new Remembered("");
  }

  #answer(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      this.#connection.read((transaction) => {
        const snapshot = this.#snapshotOf(transaction);
        for (const { answer } of batch) answer(snapshot);
      });
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
  }

  #snapshotOf({ statements, live, incarnation }: Transaction): Snapshot {
    const state = `${statements.dataVersion.get()?.data_version} ${live.build} ${incarnation}`;
    if (state !== this.#remembered.state) this.#remembered = new Remembered(state);
    const remembered = this.#remembered;
    return {
      incarnation,
      document(key) {
        const { documents } = remembered.of(key.collection);
        const known = documents.get(key.id);
        if (known) return known.document;
        const { document, length } = getDocument(statements, live.build, key);
        if (key.id.length <= maxId && length <= maxText) documents.set(key.id, { document });
        return document;
      },
      list(collection, query) {
        const { lists } = remembered.of(collection);
        const name = JSON.stringify(query);
        const known = lists.get(name);
        if (known) return known;
        const listed = listDocuments(statements, live.build, collection, query);
        // A list of many is asked for by jobs, page after page.
        if (name.length <= maxText && listed.length <= 1) lists.set(name, listed);
        return listed;
      },
    };
  }
}
