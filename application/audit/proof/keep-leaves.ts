import type { Frontier } from "../../../domain/audit/frontier.ts";
import { leafHash, leafName, leafText } from "../../../domain/audit/leaf.ts";
import { isSameHash } from "../../../domain/audit/merkle.ts";
import { type EventStore, type StoredEvent, Unavailable } from "../../ports/event-store.ts";
import { type KeptLeaf, type KeptLeaves, type KeptNode, keptLevels } from "../../ports/kept-leaves.ts";
import { placeLeaves } from "./kept-places.ts";
import { frontierOf, positionAt } from "./kept-tree.ts";

export interface KeepDependencies {
  readonly store: Pick<EventStore, "readAll" | "lastPosition">;
  readonly leaves: KeptLeaves;
}

/** What became of taking in what the log got. */
export interface Kept {
  /** Leaves that there are now. */
  readonly size: number;
  /** Why nothing can be taken in: the log is not the one any more whose leaves are kept. */
  readonly fault?: string | undefined;
}

/** Events that are read at once, and kept in one transaction. */
const pageSize = 500;

/** The leaf of an event. */
export const leafOf = (index: number, event: StoredEvent): KeptLeaf => ({
  index,
  position: event.position,
  name: leafName(event),
  hash: leafHash(leafText(index, event)),
});

const seeVerify = "dacapo audit verify tells more. Nothing is kept or signed until that is settled";

/** The log cannot be the one that was kept where it ends before, or where another event stands at the last kept place. */
async function faultOf({ store, leaves }: KeepDependencies, size: number): Promise<string | undefined> {
  const newest = await leaves.read(Math.max(size - 2, 0), 2);
  const last = newest.at(-1);
  if (!last) return undefined;
  const end = await store.lastPosition();
  if (last.position > end)
    return `the log ends at position ${end}, and leaves are kept up to position ${last.position}: it was cut, or restored from an older copy; ${seeVerify}`;
  const [event] = await store.readAll(newest.length > 1 ? (newest[0]?.position ?? 0n) : 0n, 1);
  const isOther = event?.position === last.position && !isSameHash(leafOf(last.index, event).hash, last.hash);
  return isOther
    ? `another event stands at position ${last.position} than the one whose leaf is kept; ${seeVerify}`
    : undefined;
}

/** Goes on from this many leaves; answers how many there are then, or undefined where another process added some. */
async function addPage(
  leaves: KeptLeaves,
  page: readonly StoredEvent[],
  frontier: Frontier,
  nodes: readonly KeptNode[],
): Promise<number | undefined> {
  const { size } = frontier;
  const batch = page.map((event, index) => leafOf(size + index, event));
  for (const { hash } of batch) frontier.append(hash);
  return (await leaves.add(size, batch, nodes)) ? frontier.size : undefined;
}

/** An edge of the tree that collects the nodes which are to be kept. */
async function collecting(leaves: KeptLeaves, size: number, nodes: KeptNode[]): Promise<Frontier> {
  return await frontierOf(leaves, { start: 0, end: size }, (level, number, hash) => {
    if (keptLevels.includes(level)) nodes.push({ level, number, hash });
  });
}

/**
 * Takes in what the log got since: the leaf of each event, behind those that are kept. Several processes may do so at
 * once. Ends early when the signal is aborted. What is kept is never written over, also where the log has gone back:
 * then nothing is taken in, and the answer says why. @throws {Unavailable}
 */
export async function keepLeaves({ store, leaves }: KeepDependencies, signal?: AbortSignal): Promise<Kept> {
  if (!(await leaves.isPlaced())) await placeLeaves(store, leaves, signal);
  let size = await leaves.size();
  if (signal?.aborted) return { size };
  const fault = await faultOf({ store, leaves }, size);
  if (fault !== undefined) return { size, fault };
  const nodes: KeptNode[] = [];
  let frontier: Frontier | undefined;
  let after = await positionAt(leaves, size);
  while (!signal?.aborted) {
    const page = await store.readAll(after, pageSize);
    const last = page.at(-1);
    if (!last) break;
    frontier ??= await collecting(leaves, size, nodes);
    const reached = await addPage(leaves, page, frontier, nodes);
    nodes.length = 0;
    if (reached === undefined) frontier = undefined;
    const now = reached ?? (await leaves.size());
    if (now <= size) throw new Unavailable("the kept leaves were taken away");
    size = now;
    after = reached === undefined ? await positionAt(leaves, size) : last.position;
  }
  return { size };
}
