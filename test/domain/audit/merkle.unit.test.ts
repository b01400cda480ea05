import { hash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consistencyRanges, isGrownFrom, type TreeHead } from "../../../domain/audit/consistency.ts";
import { createFrontier } from "../../../domain/audit/frontier.ts";
import {
  emptyRoot,
  type Hash,
  inclusionRanges,
  isSameHash,
  nodeHash,
  type Range,
  rootByInclusion,
} from "../../../domain/audit/merkle.ts";

/** The leaves and roots of the reference implementation of Certificate Transparency, sizes 0 to 8. */
const reference = {
  leaves: [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ],
  roots: [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ],
};

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** RFC 6962 section 2.1 word for word, as a second opinion. */
function treeHash(leaves: readonly Hash[]): Hash {
  const [only = emptyRoot] = leaves;
  if (leaves.length < 2) return only;
  let middle = 1;
  while (middle * 2 < leaves.length) middle *= 2;
  return nodeHash(treeHash(leaves.slice(0, middle)), treeHash(leaves.slice(middle)));
}

const leavesOf = (size: number): readonly Hash[] =>
  Array.from({ length: size }, (_, index) => hash("sha256", `\0leaf ${index}`, "buffer"));
const all = leavesOf(600);
const rootsOf = (ranges: readonly Range[]): readonly Hash[] =>
  ranges.map(({ start, end }) => treeHash(all.slice(start, end)));

/** The same hash with one bit changed. */
function flipped(original: Hash, bit: number): Hash {
  const changed = Uint8Array.from(original);
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

const leafOfTree = fc
  .integer({ min: 1, max: 600 })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }));

describe("the Merkle tree of RFC 6962", () => {
  it("has the roots of the reference implementation", () => {
    const frontier = createFrontier();
    const roots = [hex(frontier.root())];
    for (const leaf of reference.leaves) {
      frontier.append(hash("sha256", Buffer.from(`00${leaf}`, "hex"), "buffer"));
      roots.push(hex(frontier.root()));
    }
    expect(roots).toEqual(reference.roots);
  });

  it("has the root of the RFC's own words, and tells each subtree once it is complete", () => {
    const nodes = new Map<string, string>();
    const frontier = createFrontier(0, [], (level, number, root) =>
      nodes.set(`${level}/${number}`, hex(root)),
    );
    for (const [index, leaf] of all.entries()) {
      frontier.append(leaf);
      const isLookedAt = index < 40 || index % 17 === 0;
      if (isLookedAt) expect(isSameHash(frontier.root(), treeHash(all.slice(0, index + 1)))).toBe(true);
    }
    expect(nodes.size).toBe(600 - 4); // of 600 = 512 + 64 + 16 + 8 leaves
    expect(nodes.get("8/1")).toBe(hex(treeHash(all.slice(256, 512))));
  });

  it("proves every leaf of a tree of any size, and nothing else", () => {
    fc.assert(
      fc.property(leafOfTree, fc.nat(), fc.nat({ max: 255 }), ({ size, index }, which, bit) => {
        const root = treeHash(all.slice(0, size));
        const proof = rootsOf(inclusionRanges(index, size));
        const leaf = all[index] as Hash;
        const holds = (hashes: readonly Hash[], of = leaf, at = index, within = size) => {
          const found = rootByInclusion(of, at, within, hashes);
          return found !== undefined && isSameHash(found, root);
        };
        expect(holds(proof)).toBe(true);
        expect(holds(proof, flipped(leaf, bit))).toBe(false);
        expect(holds([...proof, leaf])).toBe(false);
        expect(holds(proof, leaf, size)).toBe(false);
        if (size === 1) return;
        const changed = which % proof.length;
        expect(holds(proof.with(changed, flipped(proof[changed] as Hash, bit)))).toBe(false);
        expect(holds(proof.slice(1))).toBe(false);
        expect(holds(proof, leaf, (index + 1) % size)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it("proves that a tree grew out of any smaller one, and out of nothing else", () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 600 }));
    const head = (size: number) => ({ size, root: treeHash(all.slice(0, size)) });
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat({ max: 255 }), (pair, which, bit) => {
        const [earlier, later] = [head(Math.min(...pair)), head(Math.max(...pair))];
        const proof = rootsOf(consistencyRanges(earlier.size, later.size));
        expect(isGrownFrom(earlier, later, proof)).toBe(true);
        const wrong = (one: TreeHead) => ({ ...one, root: flipped(one.root, bit) });
        expect(isGrownFrom(wrong(earlier), later, proof)).toBe(false);
        expect(isGrownFrom(earlier, wrong(later), proof)).toBe(false);
        expect(isGrownFrom(earlier, later, [...proof, later.root])).toBe(false);
        expect(isGrownFrom({ ...earlier, size: 0 }, later, [])).toBe(false);
        if (proof.length === 0) return;
        expect(isGrownFrom(later, earlier, proof)).toBe(false);
        const changed = which % proof.length;
        const spoilt = proof.with(changed, flipped(proof[changed] as Hash, bit));
        expect(isGrownFrom(earlier, later, spoilt)).toBe(false);
        expect(isGrownFrom(earlier, later, proof.slice(1))).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it("has the proofs of growth of the RFC's example, a tree of seven", () => {
    const shown = (size: number) => consistencyRanges(size, 7).map(({ start, end }) => `${start}-${end}`);
    expect(shown(3)).toEqual(["2-3", "3-4", "0-2", "4-7"]);
    expect(shown(4)).toEqual(["4-7"]);
    expect(shown(6)).toEqual(["4-6", "6-7", "0-4"]);
    expect(shown(7)).toEqual([]);
  });
});
