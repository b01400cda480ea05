import { type Batch, type Put, parkedDocument } from "../../../application/ports/read-models.ts";
import { documentKey, type Part, partNumberOf } from "./keys.ts";

/** What the script that applies a batch is given for one part. */
interface BatchArguments {
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

interface Write {
  readonly collection: string;
  readonly id: string;
  readonly text: string;
  readonly expiresAt: number | null;
  /** As the script wants them; undefined where those it has stay. */
  readonly indexes: string | undefined;
}

const parkedText = JSON.stringify(parkedDocument);

/** The last write of each document, in the form in which it is stored, by the number of its part. */
export function writesByPart({ puts, parks }: Batch, parts: number): ReadonlyMap<number, readonly Write[]> {
  const writes = new Map<string, Write>();
  for (const put of puts) writes.set(`${put.collection}/${put.id}`, writeOf(put));
  for (const { collection, id } of parks) {
    const name = `${collection}/${id}`;
    writes.set(name, {
      collection,
      id,
      text: parkedText,
      expiresAt: null,
      indexes: writes.get(name)?.indexes,
    });
  }
  return Map.groupBy(writes.values(), ({ id }) => partNumberOf(id, parts));
}

/** The arguments for one part, under this build. */
export function batchArguments(
  part: Part,
  build: string,
  server: string,
  { from, to }: Pick<Batch, "from" | "to">,
  writes: readonly Write[],
): BatchArguments {
  const prefix = `${part.prefix}${build}:`;
  const documents = writes.map(({ collection, id }) => documentKey(part, build, collection, id));
  return {
    keys: [`${prefix}s`, `${prefix}x`, `${prefix}c`, ...documents],
    args: [
      ...[build, String(from), String(to), server, prefix],
      ...writes.flatMap(({ collection, id, text, expiresAt, indexes = "=" }) => [
        collection,
        id,
        text,
        String(expiresAt ?? ""),
        indexes,
      ]),
    ],
  };
}

function writeOf({ collection, id, document, indexes, expiresAt }: Put): Write {
  const entries = Object.entries(indexes)
    .map(([name, value]) => `${name}/${value}`.toWellFormed())
    .sort();
  return {
    collection,
    id,
    text: JSON.stringify(document),
    expiresAt,
    indexes: entries.length === 0 ? "" : JSON.stringify(entries),
  };
}
