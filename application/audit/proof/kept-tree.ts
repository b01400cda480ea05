import { type Completed, createFrontier, type Frontier } from "../../../domain/audit/frontier.ts";
import { emptyRoot, type Hash, nodeHash, type Range } from "../../../domain/audit/merkle.ts";
import { type KeptLeaves, keptLevels } from "../../ports/kept-leaves.ts";

const nearestKept = (level: number): number => keptLevels.findLast((kept) => kept <= level) ?? 0;

function overPairs(hashes: readonly Hash[]): Hash {
  let row = hashes;
  while (row.length > 1)
    row = Array.from({ length: row.length / 2 }, (_, pair) =>
      nodeHash(row[2 * pair] ?? emptyRoot, row[2 * pair + 1] ?? emptyRoot),
    );
  return row[0] ?? emptyRoot;
}

/** The root of a complete subtree of 2^level leaves, from the nearest level that is kept. */
async function subtree(leaves: KeptLeaves, level: number, number: number): Promise<Hash> {
  const kept = nearestKept(level);
  const count = 2 ** (level - kept);
  return overPairs(await leaves.hashes(kept, number * count, count));
}

/**
 * The right edge of the tree over a range of the kept leaves, which begins where a subtree of its size may begin.
 * @throws {Unavailable} where leaves or nodes are missing
 */
export async function frontierOf(
  leaves: KeptLeaves,
  { start, end }: Range,
  completed?: Completed,
): Promise<Frontier> {
  const subtrees: Hash[] = [];
  for (let at = start; at < end; ) {
    const level = Math.floor(Math.log2(end - at));
    subtrees.push(await subtree(leaves, level, at / 2 ** level));
    at += 2 ** level;
  }
  return createFrontier(end - start, subtrees, completed);
}

/** The root of the tree of this size, from what is kept. @throws {Unavailable} */
export const rootAt = async (leaves: KeptLeaves, size: number): Promise<Hash> =>
  (await frontierOf(leaves, { start: 0, end: size })).root();

/** The position of the last of the first so many leaves; 0 for none. */
export async function positionAt(leaves: KeptLeaves, size: number): Promise<bigint> {
  const [last] = size === 0 ? [] : await leaves.read(size - 1, 1);
  return last?.position ?? 0n;
}
