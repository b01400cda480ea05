import type { Key } from "../key.ts";
import { ticksPerQuarter } from "../score.ts";
import { chromaOf, fifthsOf } from "../spelling.ts";
import { type ChordKind, chordKinds, chordTypes, isDiatonic, targetOf } from "./chord-types.ts";
import type { Window } from "./windows.ts";

export interface RootedChord {
  /** The pitch class of the root, from C. */
  readonly root: number;
  readonly kind: ChordKind;
}

/** A chord as a candidate in a key. */
export interface Candidate extends RootedChord {
  /** How likely it is before anything is heard. */
  readonly prior: number;
  /** What is lost when its root, third, fifth or seventh does not sound. */
  readonly losses: readonly number[];
}

// The weights were tried out on chorales, a sonata, an invention, a minuet and single melodies.

/** Two voices cannot sound a whole chord at once, so what they leave out says less. */
const thinNeed = 0.5;
const fullTexture = 3;
const longestWeight = 2;

const usualLosses = [0.3, 0.15, 0.05, 0.35];
const diminishedLosses = [0.3, 0.15, 0.3, 0.35];
/** What is gained when root, third, fifth or seventh lies in the bass. */
const inBass = [0.15, 0.05, -0.08, -0.08];
const foreignBass = 0.15;
/** The fourth note of a chord that a lone melody seems to imply is more often a passing note. */
const melodicSeventh = 0.15;
/** A seventh chord whose four notes sound over its root leaves little to doubt, however rare it is. */
const wholeSeventh = 0.05;
const leastOfWhole = 0.15;

/** All chords, as they stand in a key: for each kind, its twelve roots from C. */
export const candidatesIn = (key: Key): readonly Candidate[] =>
  chordKinds.flatMap((kind) => Array.from({ length: 12 }, (_, root) => candidateOf(root, kind, key)));

/** How well a chord accounts for what sounds in a window; a long window says more than a short one. */
export function meritOf({ root, kind, prior, losses }: Candidate, window: Window): number {
  const length = Math.min(longestWeight, (window.end - window.onset) / ticksPerQuarter);
  const bass = window.bass?.chroma ?? -1;
  const isFull = window.voices >= fullTexture;
  const need = isFull ? 1 : thinNeed;
  let inside = 0;
  let merit = isFull && bass === root && isWholeSeventh(kind, root, window) ? wholeSeventh : prior;
  chordTypes[kind].tones.forEach((tone, index) => {
    const chroma = (root + tone) % 12;
    const share = window.shares[chroma] ?? 0;
    inside += share;
    if (share < 0.01) merit -= need * (losses[index] ?? 0);
    if (chroma === bass) merit += inBass[index] ?? 0;
  });
  const hasBass = chordTypes[kind].tones.some((tone) => (root + tone) % 12 === bass);
  if (isFull && !hasBass) merit -= foreignBass;
  if (window.voices < 2 && chordTypes[kind].tones.length > 3 && kind !== "dom7") merit -= melodicSeventh;
  return length * (merit + inside - 1.2 * (1 - inside));
}

function isWholeSeventh(kind: ChordKind, root: number, { shares }: Window): boolean {
  if (kind !== "maj7" && kind !== "min7") return false;
  return chordTypes[kind].tones.every((tone) => (shares[(root + tone) % 12] ?? 0) >= leastOfWhole);
}

function candidateOf(root: number, kind: ChordKind, key: Key): Candidate {
  const degree = (root - chromaOf(fifthsOf(key.tonic)) + 12) % 12;
  return { root, kind, losses: lossesOf(key.mode, degree, kind), prior: priorOf(key.mode, degree, kind) };
}

/** A secondary dominant is heard by its leading note, and any other chord from outside the key only as a whole. */
function lossesOf(mode: Key["mode"], degree: number, kind: ChordKind): readonly number[] {
  const losses = chordTypes[kind].tones[2] === 6 ? diminishedLosses : usualLosses;
  if (isDiatonic(mode, degree, kind)) return losses;
  if (targetOf(mode, degree, kind) === undefined) return losses.map((loss) => loss * 2);
  const leadingNote = kind === "major" || kind === "dom7" ? 1 : 0;
  return losses.with(leadingNote, 1);
}

function priorOf(mode: Key["mode"], degree: number, kind: ChordKind): number {
  if (isDiatonic(mode, degree, kind)) {
    if (kind === "maj7" || kind === "aug") return -0.4;
    if (kind === "min7" && degree !== 2) return -0.25;
    if (degree === 0 || (degree === 7 && kind !== "minor")) return 0.12;
    return degree === 4 || degree === 3 || kind === "minor" ? 0.04 : 0.08;
  }
  if (targetOf(mode, degree, kind) !== undefined) return kind === "major" || kind === "dom7" ? -0.08 : -0.15;
  return kind === "aug" ? -0.4 : -0.25;
}
