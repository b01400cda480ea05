import type { Key } from "../key.ts";
import { degreeOf, isAugmentedSixth } from "./roman.ts";
import type { ChordSpan } from "./spans.ts";

export type HarmonicFunction = "tonic" | "predominant" | "dominant";

/** By the degree of the root; a six-four chord on the tonic before V belongs to the dominant. */
export function functionOf(chord: ChordSpan, next: ChordSpan | undefined, key: Key): HarmonicFunction {
  const degree = degreeOf(chord, key);
  const isCadentialSixFour =
    degree === 0 && chord.inversion === 2 && next !== undefined && degreeOf(next, key) === 7;
  if (isCadentialSixFour || degree === 7 || degree === 10 || degree === 11) return "dominant";
  if (isAugmentedSixth(chord, key)) return "predominant";
  const tonics = key.mode === "minor" ? [0, 3, 4, 8] : [0, 3, 4, 9];
  return tonics.includes(degree) ? "tonic" : "predominant";
}
