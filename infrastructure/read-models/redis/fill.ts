import type { Batch, Checkpoint, Listed, ListQuery } from "../../../application/ports/read-models.ts";
import { batchArguments, writesByPart } from "./batch-arguments.ts";
import type { Connection } from "./connection.ts";
import type { Storage } from "./document/storage.ts";
import type { Part } from "./keys.ts";
import type { Look } from "./look.ts";
import { type Meta, parseMeta } from "./meta.ts";
import { applyScript } from "./scripts/apply.ts";
import { listScript } from "./scripts/list.ts";
import { incarnationOf } from "./view.ts";

/** The look as the port tells it. */
export function checkpointOf(look: Look): Checkpoint {
  const positions = [...new Set(look.metas.map(({ position }) => position))].sort((a, b) => (a < b ? -1 : 1));
  const [position = 0n, ahead = null] = positions;
  const time = farthest(look.times);
  return {
    position,
    ahead,
    heartbeats: look.metas.map(({ heartbeat }) => heartbeat),
    incarnation: incarnationOf(look),
    movedAt: lastMove(look, time),
    time,
  };
}

/** Of several clocks the one that is farthest from ours: where one is wrong, it shows. */
function farthest(times: readonly number[]): number {
  const now = Date.now();
  return times.reduce((worst, time) => (Math.abs(time - now) > Math.abs(worst - now) ? time : worst));
}

/** When a part moved last, by the clock that says `time`: each server noted it by its own. */
function lastMove({ metas, times }: Look, time: number): number {
  const ages = metas.flatMap(({ movedAt }, number) =>
    movedAt === 0 ? [] : [(times[number] ?? time) - movedAt],
  );
  return ages.length === 0 ? 0 : time - Math.min(...ages);
}

/** Applies a batch to every part, on the builds and servers of this look. */
export async function applyTo(connection: Connection, look: Look, batch: Batch): Promise<boolean> {
  const { parts, storage } = connection;
  const byPart = writesByPart(batch, parts.length);
  // All are written before one is sent: where one cannot be, nothing is applied.
  const writes = parts.map(({ number }) => storage.batch(byPart.get(number) ?? []));
  const results = await all(
    parts.map(async (part, number) => {
      const { build } = look.metas[number] as Meta;
      const args = batchArguments(part, build, look.servers[number] ?? "", batch, writes[number] as Buffer);
      return await connection.run(part, applyScript, [], args);
    }),
  );
  return results.includes(1) && !results.includes(-1);
}

/** A page of every part, with the meta under which it was read. */
interface Page {
  readonly part: Part;
  readonly meta: Meta | undefined;
  readonly listed: readonly Listed[];
}

/** Reads a page from each part: of its live build, or of the one that is named. */
export async function pagesOf(
  connection: Connection,
  collection: string,
  { index, after = "", limit }: ListQuery,
  buildOf: (part: Part) => string = () => "",
): Promise<readonly Page[]> {
  const { set, entry } = index ? connection.storage.entryOf(...index) : { set: "*", entry: "" };
  return await Promise.all(
    connection.parts.map(async (part) => {
      const args = [buildOf(part), part.root, collection, set, entry, after, String(limit)];
      const [meta, ...rows] = (await connection.run(part, listScript, [], args, "bytes")) as Buffer[];
      return { part, meta: parseMeta(meta), listed: listedOf(rows, connection.storage) };
    }),
  );
}

/** The pages of all parts as one, in the order of ids by bytes. */
export function merge(pages: readonly Page[], limit: number): readonly Listed[] {
  if (pages.length === 1) return pages[0]?.listed ?? [];
  return pages
    .flatMap(({ listed }) => listed)
    .map((listed) => ({ listed, bytes: Buffer.from(listed.id) }))
    .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
    .slice(0, limit)
    .map(({ listed }) => listed);
}

/** Waits for every one, also where one fails: what was sent is not forgotten. */
export async function all<Result>(work: readonly Promise<Result>[]): Promise<readonly Result[]> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}

function listedOf(rows: readonly Buffer[], storage: Storage): readonly Listed[] {
  return rows.flatMap((row, at) => {
    const stored = rows[at + 1];
    if (at % 2 === 1 || !stored) return [];
    const id = row.toString();
    return [{ id, document: storage.read(id, stored) }];
  });
}
