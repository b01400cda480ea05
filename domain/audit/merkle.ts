import { hash } from "node:crypto";

/** A SHA-256, 32 bytes. */
export type Hash = Uint8Array;

const nodePrefix = Uint8Array.of(1);

/** The root of a tree without leaves (RFC 6962 section 2.1). */
export const emptyRoot: Hash = hash("sha256", "", "buffer");

/** The hash of a node over its two children: SHA-256 of 0x01, left and right (RFC 6962 section 2.1). */
export const nodeHash = (left: Hash, right: Hash): Hash =>
  hash("sha256", Buffer.concat([nodePrefix, left, right]), "buffer");

/** Whether two hashes are the same. None of them is a secret. */
export const isSameHash = (one: Hash, other: Hash): boolean => Buffer.compare(one, other) === 0;

/** The leaves from `start` up to before `end`; a proof holds the root of each such range. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where a tree of this many leaves divides: the largest power of two below it. */
export const split = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));

/** The ranges whose roots prove that a leaf is in a tree, from its sibling upwards (RFC 6962 section 2.1.1). */
export function inclusionRanges(index: number, size: number): readonly Range[] {
  const within = (start: number, end: number): readonly Range[] => {
    if (end - start === 1) return [];
    const middle = start + split(end - start);
    return index < middle
      ? [...within(start, middle), { start: middle, end }]
      : [...within(middle, end), { start, end: middle }];
  };
  return within(0, size);
}

/**
 * The root of the tree of this size that holds this leaf there, by its proof (RFC 9162 section 2.1.3.2); undefined
 * where the proof has the wrong length.
 */
export function rootByInclusion(
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
): Hash | undefined {
  if (index >= size || proof.length !== inclusionRanges(index, size).length) return undefined;
  let [node, last, root] = [index, size - 1, leaf];
  for (const sibling of proof) {
    const isRight = node % 2 === 1;
    if (isRight || node === last) {
      root = nodeHash(sibling, root);
      while (!isRight && node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else root = nodeHash(root, sibling);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return root;
}
