import { type KeyAlgorithm, keyProfiles } from "./key-profiles.ts";
import { Declined, type Score } from "./score.ts";
import { chromaOf, fifthsOf, modulo, nameOf } from "./spelling.ts";
import { rounded } from "./timeline.ts";

export interface Key {
  readonly tonic: string;
  readonly mode: "major" | "minor";
}

interface RankedKey {
  readonly key: string;
  /** A correlation coefficient, -1 to 1. */
  readonly confidence: number;
}

interface KeyAnalysis extends RankedKey {
  readonly status: "success";
  readonly alternatives: readonly RankedKey[];
  readonly algorithm_results: Partial<
    Record<KeyAlgorithm, RankedKey & { readonly runner_up: RankedKey | undefined }>
  >;
}

interface Candidate {
  readonly key: Key;
  readonly confidence: number;
}

/** How the pitches of a score are spread: over the pitch classes, and along the line of fifths. */
interface PitchSpread {
  /** Ticks of each pitch class, from C. */
  readonly durations: readonly number[];
  /** The mean place on the line of fifths. */
  readonly centre: number;
}

const modes = ["major", "minor"] as const;
const algorithms = ["krumhansl", "aarden", "temperley", "bellman"] as const;
const alternativeCount = 5;
const fewestPitchClasses = 3;

/**
 * The key of a whole score, after Krumhansl and Schmuckler: the key whose profile correlates best with the
 * durations of the pitch classes. With `all`, the mean of the four correlations decides. Fewer than three pitch
 * classes tell no key: then it is one that the first key signature allows.
 * @throws {Declined} for a score without notes, and for one without a key signature that has too few pitch classes.
 */
export function analyzeKey(score: Score, algorithm: KeyAlgorithm | "all"): KeyAnalysis {
  const spread = spreadOf(score);
  const used = algorithm === "all" ? algorithms : [algorithm];
  const keys = isTooThin(spread) ? statedKeys(score) : allKeys(spread);
  if (keys.length === 0) {
    throw new Declined(
      "This score has fewer than three different pitch classes and no key signature, so its key is open.",
    );
  }
  const [winner, ...others] = ranked(spread, used, keys).map(named);
  const results = used.map((name) => {
    const [first, runner_up] = ranked(spread, [name], keys).map(named);
    return [name, { ...first, runner_up }];
  });
  return {
    status: "success",
    key: winner?.key ?? "",
    confidence: winner?.confidence ?? 0,
    alternatives: others.slice(0, alternativeCount),
    algorithm_results: Object.fromEntries(results),
  };
}

/**
 * The key that the first key signature states; where it names no mode, the one that all profiles together find.
 * @throws {Declined} for a score without notes.
 */
export function keyOf(score: Score): Key {
  const spread = spreadOf(score);
  const stated = statedKeys(score);
  if (stated.length === 1 && stated[0]) return stated[0];
  const isOpen = stated.length === 0 || !isTooThin(spread);
  const [winner] = ranked(spread, algorithms, isOpen ? allKeys(spread) : stated);
  return winner?.key ?? { tonic: "C", mode: "major" };
}

export const keyName = ({ tonic, mode }: Key): string => `${tonic} ${mode}`;

/** The sharps of the key's signature, or flats below 0. */
export const signatureOf = ({ tonic, mode }: Key): number => fifthsOf(tonic) - (mode === "minor" ? 3 : 0);

function spreadOf(score: Score): PitchSpread {
  const durations = new Array<number>(12).fill(0);
  let total = 0;
  let moment = 0;
  for (const part of score.parts) {
    for (const { pitch, duration } of part.notes) {
      const fifths = fifthsOf(pitch);
      const chroma = chromaOf(fifths);
      durations[chroma] = (durations[chroma] ?? 0) + duration;
      total += duration;
      moment += fifths * duration;
    }
  }
  if (total === 0) throw new Declined("This score has no notes, so it has no key.");
  return { durations, centre: moment / total };
}

const isTooThin = ({ durations }: PitchSpread): boolean =>
  durations.filter((duration) => duration > 0).length < fewestPitchClasses;

/** The key of the first key signature, or both of them where it names no mode; none without a signature. */
function statedKeys({ keySignatures: [first] }: Score): readonly Key[] {
  if (!first) return [];
  const stated = first.mode === undefined ? modes : [first.mode];
  return stated.map((mode) => ({ tonic: nameOf(first.fifths + (mode === "minor" ? 3 : 0)), mode }));
}

const allKeys = ({ centre }: PitchSpread): readonly Key[] =>
  modes.flatMap((mode) => Array.from({ length: 12 }, (_, tonic) => spelled(tonic, mode, centre)));

/** The keys, the best first. */
function ranked(
  spread: PitchSpread,
  used: readonly KeyAlgorithm[],
  keys: readonly Key[],
): readonly Candidate[] {
  const candidates = keys.map((key) => {
    const tonic = chromaOf(fifthsOf(key.tonic));
    const fromTonic = spread.durations.map((_, degree) => spread.durations[(tonic + degree) % 12] ?? 0);
    const sum = used.reduce((r, name) => r + correlation(fromTonic, keyProfiles[name][key.mode]), 0);
    return { key, confidence: sum / used.length };
  });
  return candidates.sort((a, b) => b.confidence - a.confidence);
}

const named = ({ key, confidence }: Candidate): RankedKey => ({
  key: keyName(key),
  confidence: rounded(confidence),
});

/** Of the ways to write a key with at most 7 accidentals, the one whose scale lies nearest to the notes written. */
function spelled(chroma: number, mode: Key["mode"], centre: number): Key {
  const inMode = mode === "minor" ? 3 : 0;
  // The seven notes of a signature lie from one fifth below to five above its major tonic: two above it, on average.
  const wanted = centre - 2;
  const lowest = modulo(chroma * 7 - inMode, 12);
  const signatures = [lowest, lowest - 12].filter((signature) => Math.abs(signature) <= 7);
  const [first = 0, second = first] = signatures;
  const signature = Math.abs(second - wanted) < Math.abs(first - wanted) ? second : first;
  return { tonic: nameOf(signature + inMode), mode };
}

/** Pearson's r; 0 where all pitch classes sound for equally long, which speaks for no key. */
function correlation(x: readonly number[], y: readonly number[]): number {
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length;
  const meanY = y.reduce((sum, value) => sum + value, 0) / y.length;
  let covariance = 0;
  let varianceX = 0;
  let varianceY = 0;
  x.forEach((value, index) => {
    const dx = value - meanX;
    const dy = (y[index] ?? 0) - meanY;
    covariance += dx * dy;
    varianceX += dx * dx;
    varianceY += dy * dy;
  });
  return varianceX === 0 ? 0 : covariance / Math.sqrt(varianceX * varianceY);
}
