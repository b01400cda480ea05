import type { Span } from "./melody.ts";
import { brokenTendency } from "./tendency.ts";
import type { Voicing } from "./voicings.ts";

export interface MoveRules {
  /** Parallel fifths and octaves cost, instead of being out of the question. */
  readonly allowsParallels: boolean;
  /** The melody may leave its leading tones and sevenths unresolved, at a cost. */
  readonly freeMelody: boolean;
}

const impossible = Number.POSITIVE_INFINITY;
const parallelCost = 3;
const unresolvedCost = 12;

/** What it costs the voices to go from one voicing to the next; infinity where a hard rule forbids it. */
export function moveCost(from: Voicing, to: Voicing, before: Span, rules: MoveRules): number {
  if (overlaps(from.pitches, to.pitches, before.last)) return impossible;
  const tendencies = tendencyCost(from, to, before, rules.freeMelody);
  if (tendencies === impossible) return impossible;
  const parallels = countParallels(from.pitches, to.pitches, before);
  if (parallels > 0 && !rules.allowsParallels) return impossible;
  return tendencies + parallels * parallelCost + smoothness(from.pitches, to.pitches, before.last);
}

type Pitches = Voicing["pitches"];

/** Whether a voice goes beyond where its neighbour just was. */
function overlaps(from: Pitches, to: Pitches, lastOfMelody: number): boolean {
  return (
    to[1] > lastOfMelody ||
    to[0] < from[1] ||
    to[2] > from[1] ||
    to[1] < from[2] ||
    to[3] > from[2] ||
    to[2] < from[3]
  );
}

function tendencyCost(from: Voicing, to: Voicing, { last }: Span, freeMelody: boolean): number {
  if (from.chord === to.chord) return 0;
  for (let voice = 1; voice < 4; voice++) {
    const [start, end] = [from.pitches[voice] ?? 0, to.pitches[voice] ?? 0];
    if (brokenTendency(start, end, from.chord, to.chord)) return impossible;
  }
  if (!brokenTendency(last, to.pitches[0], from.chord, to.chord)) return 0;
  return freeMelody ? unresolvedCost : impossible;
}

function countParallels(from: Pitches, to: Pitches, { head, last }: Span): number {
  let count = 0;
  for (let lower = 1; lower < 4; lower++) {
    const [start, end] = [from[lower] ?? 0, to[lower] ?? 0];
    if (start === end) continue;
    // Shorter notes between two chords do not hide parallels, and can make some.
    if (isParallel(head, to[0], start, end) || (last !== head && isParallel(last, to[0], start, end)))
      count++;
    for (let upper = 1; upper < lower; upper++) {
      if (isParallel(from[upper] ?? 0, to[upper] ?? 0, start, end)) count++;
    }
  }
  return count;
}

function isParallel(upperFrom: number, upperTo: number, lowerFrom: number, lowerTo: number): boolean {
  if ((upperTo - upperFrom) * (lowerTo - lowerFrom) <= 0) return false;
  const interval = Math.abs(upperTo - lowerTo) % 12;
  return (interval === 7 || interval === 0) && interval === Math.abs(upperFrom - lowerFrom) % 12;
}

function smoothness(from: Pitches, to: Pitches, melody: number): number {
  const cost =
    voiceCost(to[1] - from[1], 0.12) + voiceCost(to[2] - from[2], 0.12) + voiceCost(to[3] - from[3], 0.05);
  return cost + outerVoicesCost(to[0] - melody, to[3] - from[3], to[0] - to[3]);
}

function voiceCost(move: number, weight: number): number {
  const size = Math.abs(move);
  const awkward = size === 6 || size > 9 ? (size === 12 ? 0.5 : 2) : 0;
  return size * weight + (size > 4 ? (size - 4) * weight : 0) + awkward;
}

/** Direct fifths and octaves under a leaping soprano cost, similar motion costs a little. */
function outerVoicesCost(soprano: number, bass: number, interval: number): number {
  if (soprano * bass <= 0) return 0;
  const isPerfect = interval % 12 === 7 || interval % 12 === 0;
  return isPerfect && Math.abs(soprano) > 2 ? 1.5 : 0.2;
}
