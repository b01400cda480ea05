import type { EventStore } from "../../ports/event-store.ts";
import {
  type Batch,
  type Document,
  type Fillable,
  isParked,
  type Listed,
  type ListQuery,
  type Put,
  type ReadModels,
} from "../../ports/read-models.ts";
import { type Folded, type FoldOptions, foldLog } from "./replay.ts";

/** A document as a fresh fold of the log gives it, and until when (epoch ms) it is of use. */
export interface ReferenceDocument {
  readonly id: string;
  readonly document: Document;
  readonly expiresAt: number | null;
}

/** A value by which documents of a collection were found at some time. */
export interface IndexValue {
  readonly collection: string;
  readonly index: readonly [name: string, value: string];
}

/** A fresh fold of the log, to compare others with. */
export interface Reference {
  readonly position: () => bigint;
  /** How many events it has taken in. */
  readonly events: () => number;
  /** Goes on to a position; nothing happens where it is there or beyond. */
  foldTo(position: bigint, options?: FoldOptions): Promise<Folded>;
  list(collection: string, query: ListQuery): Promise<readonly ReferenceDocument[]>;
  get(collection: string, id: string): Promise<ReferenceDocument | undefined>;
  /** Every index value that was ever in use, in pages. */
  indexValues(after: string, limit: number): Promise<readonly (IndexValue & { readonly id: string })[]>;
}

/** Beside the documents stand the index values, so that neither is ever whole in memory. */
const valuesCollection = "index_values";

/** How many index values are remembered as noted. */
const maxRemembered = 10_000;

const noteOf = ({ document, expiresAt }: Put): Document => ({ document, expiresAt });

const withoutNote = (noted: Document): Document =>
  isParked(noted) ? noted : (noted as { readonly document: Document }).document;

function withNote({ id, document: noted }: Listed): ReferenceDocument {
  if (isParked(noted)) return { id, document: noted, expiresAt: null };
  const { document, expiresAt } = noted as { readonly document: Document; readonly expiresAt: number | null };
  return { id, document, expiresAt };
}

/** The same read models, which keep beside each document its expiry, and note every index value. */
function noting(models: ReadModels): Fillable {
  let noted = new Set<string>();

  function valuesOf({ collection, indexes }: Put): readonly Put[] {
    const ids = Object.entries(indexes).map((index) => JSON.stringify([collection, ...index]));
    const fresh = ids.filter((id) => !noted.has(id));
    if (noted.size + fresh.length > maxRemembered) noted = new Set();
    for (const id of fresh) noted.add(id);
    return fresh.map((id) => ({
      collection: valuesCollection,
      id,
      document: {},
      indexes: {},
      expiresAt: null,
    }));
  }

  return {
    checkpoint: () => models.checkpoint(),
    apply: (batch: Batch) =>
      models.apply({
        ...batch,
        puts: batch.puts.flatMap((put) => [
          { ...put, document: noteOf(put), expiresAt: null },
          ...valuesOf(put),
        ]),
      }),
    async listUnfinished(collection, query) {
      const listed = await models.listUnfinished(collection, query);
      return listed.map(({ id, document }) => ({ id, document: withoutNote(document) }));
    },
  };
}

/**
 * Builds the reference in read models that nobody else uses and that are empty. Folds wait for each other.
 */
export function createReference(store: EventStore, models: ReadModels): Reference {
  const target = noting(models);
  let position = 0n;
  let events = 0;
  let folding: Promise<unknown> = Promise.resolve();

  async function fold(to: bigint, options: FoldOptions | undefined): Promise<Folded> {
    if (to <= position) return { from: position, to: position, events: 0 };
    const folded = await foldLog(store, target, to, options);
    position = folded.to;
    events += folded.events;
    const { incarnation } = await models.checkpoint();
    // Single documents are read only of read models that were said to be whole.
    await models.beat(position, incarnation);
    return folded;
  }

  return {
    position: () => position,
    events: () => events,
    foldTo(to, options) {
      const mine = folding.then(() => fold(to, options));
      folding = mine.catch(() => undefined);
      return mine;
    },
    list: async (collection, query) => (await models.listUnfinished(collection, query)).map(withNote),
    async get(collection, id) {
      if (position === 0n) return undefined;
      const [document] = await models.getMany([{ collection, id }]);
      return document && withNote({ id, document });
    },
    async indexValues(after, limit) {
      const listed = await models.listUnfinished(valuesCollection, { after, limit });
      return listed.map(({ id }) => {
        const [collection, name, value] = JSON.parse(id) as [string, string, string];
        return { id, collection, index: [name, value] };
      });
    },
  };
}
