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

/** Documents of a collection, and lists, that are remembered from one snapshot to the next. */
const maxDocuments = 4_096;
const maxLists = 256;

/** What was read from one state of the file. */
class Remembered {
  readonly #collections = new Map<string, BoundedMap<string, { readonly document: Document | undefined }>>();
  readonly lists = new BoundedMap<string, readonly Listed[]>(maxLists);
  /** Which state: another one where another connection has committed, or another build or file answers. */
  readonly state: string;

  constructor(state: string) {
    this.state = state;
  }

  /** The documents of a collection, by their ids. */
  documents(collection: string): BoundedMap<string, { readonly document: Document | undefined }> {
    const known = this.#collections.get(collection);
    if (known) return known;
    const fresh = new BoundedMap<string, { readonly document: Document | undefined }>(maxDocuments);
    this.#collections.set(collection, fresh);
    return fresh;
  }
}

const listName = (collection: string, query: ListQuery): string => JSON.stringify([collection, query]);

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
    if (!keys) {
      this.#remembered = new Remembered("");
      return;
    }
    for (const { collection, id } of keys) this.#remembered.documents(collection).delete(id);
    const collections = new Set(keys.map(({ collection }) => collection));
    for (const name of this.#remembered.lists.keys())
      if (collections.has(JSON.parse(name)[0])) this.#remembered.lists.delete(name);
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
    const { lists } = remembered;
    return {
      incarnation,
      document(key) {
        const documents = remembered.documents(key.collection);
        const known = documents.get(key.id);
        if (known) return known.document;
        const document = getDocument(statements, live.build, key);
        documents.set(key.id, { document });
        return document;
      },
      list(collection, query) {
        const name = listName(collection, query);
        const known = lists.get(name);
        if (known) return known;
        const listed = listDocuments(statements, live.build, collection, query);
        lists.set(name, listed);
        return listed;
      },
    };
  }
}
