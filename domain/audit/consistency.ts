import { type Hash, isSameHash, nodeHash, type Range, split } from "./merkle.ts";

/** A tree, by how many leaves it has and its root. */
export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

/** The ranges whose roots prove that a tree grew out of an earlier one, which was not empty (RFC 6962 section 2.1.2). */
export function consistencyRanges(earlier: number, size: number): readonly Range[] {
  const within = (count: number, start: number, end: number, isWhole: boolean): readonly Range[] => {
    if (count === end - start) return isWhole ? [] : [{ start, end }];
    const left = split(end - start);
    const middle = start + left;
    return count <= left
      ? [...within(count, start, middle, isWhole), { start: middle, end }]
      : [...within(count - left, middle, end, false), { start, end: middle }];
  };
  return within(earlier, 0, size, true);
}

/** Whether a tree begins with the leaves of an earlier one, which was not empty, by its proof (RFC 9162 section 2.1.4.2). */
export function isGrownFrom(earlier: TreeHead, later: TreeHead, proof: readonly Hash[]): boolean {
  if (earlier.size < 1 || earlier.size > later.size) return false;
  if (proof.length !== consistencyRanges(earlier.size, later.size).length) return false;
  if (earlier.size === later.size) return isSameHash(earlier.root, later.root);
  let [node, last] = [earlier.size - 1, later.size - 1];
  const up = () => {
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  };
  while (node % 2 === 1) up();
  // A whole subtree is no member of the proof: its root is that of the earlier tree.
  const [first = earlier.root, ...others] = node === 0 ? [earlier.root, ...proof] : proof;
  let [before, after] = [first, first];
  for (const hash of others) {
    const isRight = node % 2 === 1;
    if (isRight || node === last) {
      before = nodeHash(hash, before);
      after = nodeHash(hash, after);
      while (!isRight && node % 2 === 0 && node !== 0) up();
    } else after = nodeHash(after, hash);
    up();
  }
  return isSameHash(before, earlier.root) && isSameHash(after, later.root);
}
