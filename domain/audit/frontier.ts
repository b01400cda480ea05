import { emptyRoot, type Hash, nodeHash } from "./merkle.ts";

/** The right edge of a Merkle tree: all that must be known to add leaves and to tell the root. */
export interface Frontier {
  readonly size: number;
  append(leaf: Hash): void;
  root(): Hash;
  copy(): Frontier;
}

/** Told of each subtree that becomes complete: 2^level leaves, and how many subtrees of that size stand left of it. */
export type Completed = (level: number, number: number, hash: Hash) => void;

/**
 * The edge of a tree of this many leaves.
 * @param subtrees roots of its complete subtrees, the largest first: one for each bit of its size
 */
export function createFrontier(
  size = 0,
  subtrees: readonly Hash[] = [],
  completed: Completed = () => undefined,
): Frontier {
  const stack = [...subtrees];
  let count = size;
  return {
    get size() {
      return count;
    },
    append(leaf) {
      let hash = leaf;
      let number = count;
      for (let level = 1; number % 2 === 1; level += 1) {
        hash = nodeHash(stack.pop() ?? emptyRoot, hash);
        number = (number - 1) / 2;
        completed(level, number, hash);
      }
      stack.push(hash);
      count += 1;
    },
    root() {
      const [last = emptyRoot, ...others] = stack.toReversed();
      return others.reduce((right, left) => nodeHash(left, right), last);
    },
    copy: () => createFrontier(count, stack),
  };
}
