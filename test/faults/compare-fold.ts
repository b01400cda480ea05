import { isDeepStrictEqual } from "node:util";
import type { EventStore } from "../../application/ports/event-store.ts";
import type { Document, Fillable, ReadModels } from "../../application/ports/read-models.ts";
import { generation, projections } from "../../application/projections/index.ts";
import { parkedCollection } from "../../application/projector/parking.ts";
import { createProjector } from "../../application/projector/projector.ts";
import { systemClock as clock } from "../../infrastructure/clock.ts";
import { openSqliteReadModels } from "../../infrastructure/read-models/sqlite/sqlite-read-models.ts";

const collections = [...projections.map(({ collection }) => collection), parkedCollection];
const pageSize = 500;
const patience = 15_000;
const ignore = () => undefined;

/** All documents of a collection, or those of an index value. */
async function allOf(
  readModels: Fillable,
  collection: string,
  index?: readonly [string, string],
): Promise<ReadonlyMap<string, Document>> {
  const found = new Map<string, Document>();
  for (let after = ""; ; ) {
    const page = await readModels.listUnfinished(collection, {
      after,
      limit: pageSize,
      ...(index && { index }),
    });
    for (const { id, document } of page) found.set(id, document);
    after = page.at(-1)?.id ?? "";
    if (page.length < pageSize) return found;
  }
}

/** What was written to read models: when each document expires, and every index value that was ever in use. */
interface Notes {
  readonly expiries: Map<string, number | null>;
  readonly indexes: Map<string, readonly [collection: string, index: readonly [string, string]]>;
}

/** The same read models, which note what is written to them. */
function noting(readModels: ReadModels, { expiries, indexes }: Notes): ReadModels {
  return {
    ...readModels,
    async apply(batch) {
      for (const { collection, id, expiresAt, indexes: own } of batch.puts) {
        expiries.set(`${collection}/${id}`, expiresAt);
        for (const index of Object.entries(own))
          indexes.set(`${collection} by ${index.join("=")}`, [collection, index]);
      }
      return await readModels.apply(batch);
    },
  };
}

const shown = (document: Document | undefined) => JSON.stringify(document) ?? "nothing";

function* differences(
  name: string,
  folded: ReadonlyMap<string, Document>,
  live: ReadonlyMap<string, Document>,
  isExpired: (id: string) => boolean,
): Iterable<string> {
  for (const id of new Set([...folded.keys(), ...live.keys()])) {
    if (isExpired(id) || isDeepStrictEqual(folded.get(id), live.get(id))) continue;
    yield `${name}/${id}:\n  folded ${shown(folded.get(id))}\n  live   ${shown(live.get(id))}`;
  }
}

/**
 * I9: the read models that answer hold what a fresh fold of the log to the same position gives, document by document and
 * index by index. Documents that expired do not count. Answers what differs, and how many documents were compared.
 */
export async function compareFold(
  store: EventStore,
  live: ReadModels,
): Promise<{ readonly differences: readonly string[]; readonly compared: number }> {
  const readModels = openSqliteReadModels({ file: ":memory:", logId: store.logId, generation });
  const notes: Notes = { expiries: new Map(), indexes: new Map() };
  const models = noting(readModels, notes);
  const projector = createProjector(
    store,
    models,
    clock,
    { advanced: ignore, kept: ignore, failed: ignore, parked: ignore },
    0,
  );
  const deadline = performance.now() + patience;
  try {
    for (;;) {
      const { position } = await live.checkpoint();
      await projector.catchUp(await store.lastPosition());
      const folded = await models.checkpoint();
      if (folded.position === position) {
        const found = await compareAt(models, live, notes);
        const after = await live.checkpoint();
        if (after.position === position && after.ahead === null) return found;
      }
      if (performance.now() > deadline)
        throw new Error(`the read models stand at ${position}, the log at ${folded.position}`);
      await clock.sleep(50);
    }
  } finally {
    await readModels.close();
  }
}

async function compareAt(folded: ReadModels, live: ReadModels, { expiries, indexes }: Notes) {
  const found: string[] = [];
  let compared = 0;
  const isExpired = (collection: string) => (id: string) =>
    (expiries.get(`${collection}/${id}`) ?? Number.POSITIVE_INFINITY) < Date.now();
  for (const collection of collections) {
    const expected = await allOf(folded, collection);
    compared += expected.size;
    found.push(...differences(collection, expected, await allOf(live, collection), isExpired(collection)));
  }
  for (const [name, [collection, index]] of indexes) {
    const [expected, actual] = await Promise.all([
      allOf(folded, collection, index),
      allOf(live, collection, index),
    ]);
    found.push(...differences(name, expected, actual, isExpired(collection)));
  }
  return { differences: found, compared };
}
