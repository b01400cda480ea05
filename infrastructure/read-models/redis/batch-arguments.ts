import type { Batch } from "../../../application/ports/read-models.ts";
import type { Write } from "./document/storage.ts";
import { buildPrefix, type Part, partNumberOf } from "./keys.ts";

/** The last write of each document, by the number of its part. */
export function writesByPart({ puts, parks }: Batch, parts: number): ReadonlyMap<number, readonly Write[]> {
  const writes = new Map<string, Write>();
  for (const put of puts) {
    const { collection, id } = put;
    writes.set(`${collection}/${id}`, { collection, id, put, isParked: false });
  }
  for (const { collection, id } of parks) {
    const name = `${collection}/${id}`;
    writes.set(name, { collection, id, put: writes.get(name)?.put, isParked: true });
  }
  return Map.groupBy(writes.values(), ({ id }) => partNumberOf(id, parts));
}

/** What the script that applies a batch is given for one part, under this build. @throws {TypeError} as `Storage` does */
export const batchArguments = (
  part: Part,
  build: string,
  server: string,
  { from, to }: Pick<Batch, "from" | "to">,
  writes: Buffer,
): readonly (string | Buffer)[] => [
  ...[build, String(from), String(to), server, buildPrefix(part, build)],
  writes,
];
