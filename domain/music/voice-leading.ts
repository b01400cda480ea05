import type { Part, Score } from "./score.ts";
import { midiOf } from "./spelling.ts";
import { measureAt } from "./timeline.ts";

export interface VoiceLeadingViolation {
  readonly rule:
    | "parallel_fifths"
    | "parallel_octaves"
    | "voice_crossing"
    | "voice_overlap"
    | "spacing"
    | "range";
  /** As printed. */
  readonly measure: string;
  /** Names of the parts, from high to low. */
  readonly voices: readonly string[];
}

/** Lowest and highest note of a voice, as MIDI numbers. */
export type Range = readonly [low: number, high: number];

/** From soprano to bass: C4–A5, F3–D5, C3–G4, E2–C4. */
export const fourVoiceRanges: readonly Range[] = [
  [60, 81],
  [53, 74],
  [48, 67],
  [40, 60],
];

/** Semitones that may lie between neighbouring upper voices; the lowest voice may be further away. */
export const widestSpacing = 12;

/**
 * What a teacher would mark red in parts that sing one note at a time, written from the highest to the lowest.
 * It reads the finished notes only, so it also judges music that no search of ours wrote. Yields the fraction done.
 */
export function* checkVoiceLeading(
  score: Score,
  ranges: readonly Range[],
): Generator<number, VoiceLeadingViolation[]> {
  const names = score.parts.map(({ name }) => name);
  const found: VoiceLeadingViolation[] = [];
  const ticks = [...new Set(score.parts.flatMap(({ notes }) => notes.map(({ onset }) => onset)))];
  ticks.sort((one, other) => one - other);
  let before: Slice | undefined;
  let done = 0;
  for (const slice of slices(score.parts, ticks)) {
    const measure = measureAt(score, slice.tick).number;
    const report = (rule: VoiceLeadingViolation["rule"], ...voices: number[]) =>
      found.push({ rule, measure, voices: voices.map((voice) => names[voice] ?? "") });
    checkRanges(slice, ranges, report);
    checkChord(slice, report);
    if (before) {
      checkOverlaps(before, slice, report);
      checkMotion(before, slice, report);
    }
    before = slice;
    if (++done % 64 === 0) yield done / ticks.length;
  }
  return found;
}

type Report = (rule: VoiceLeadingViolation["rule"], ...voices: number[]) => void;

/** What sounds where at least one voice begins a note. */
interface Slice {
  readonly tick: number;
  /** MIDI number by voice; undefined where it rests. */
  readonly pitches: readonly (number | undefined)[];
  /** Whether the voice begins a note here. */
  readonly struck: readonly boolean[];
}

function* slices(parts: readonly Part[], ticks: readonly number[]): Generator<Slice> {
  const next = parts.map(() => 0);
  for (const tick of ticks) {
    const sounding = parts.map(({ notes }, voice) => {
      while ((notes[next[voice] ?? 0]?.onset ?? Number.POSITIVE_INFINITY) <= tick)
        next[voice] = (next[voice] ?? 0) + 1;
      const note = notes[(next[voice] ?? 0) - 1];
      return note && tick < note.onset + note.duration ? note : undefined;
    });
    yield {
      tick,
      pitches: sounding.map((note) => (note ? midiOf(note.pitch) : undefined)),
      struck: sounding.map((note) => note?.onset === tick),
    };
  }
}

function checkRanges({ pitches, struck }: Slice, ranges: readonly Range[], report: Report): void {
  for (const [voice, [low, high]] of ranges.entries()) {
    const pitch = pitches[voice];
    if (pitch !== undefined && struck[voice] && (pitch < low || pitch > high)) report("range", voice);
  }
}

function checkChord({ pitches, struck }: Slice, report: Report): void {
  for (let lower = 1; lower < pitches.length; lower++) {
    const [high, low] = [pitches[lower - 1], pitches[lower]];
    if (high === undefined || low === undefined || !(struck[lower - 1] || struck[lower])) continue;
    if (low > high) report("voice_crossing", lower - 1, lower);
    const isUpper = lower < pitches.length - 1;
    if (isUpper && high - low > widestSpacing) report("spacing", lower - 1, lower);
  }
}

/** A voice that moves beyond where its neighbour was, though the two do not cross. */
function checkOverlaps(before: Slice, after: Slice, report: Report): void {
  for (let lower = 1; lower < after.pitches.length; lower++) {
    const [highBefore, lowBefore] = [before.pitches[lower - 1], before.pitches[lower]];
    const [high, low] = [after.pitches[lower - 1], after.pitches[lower]];
    if (highBefore === undefined || lowBefore === undefined || high === undefined || low === undefined)
      continue;
    if (low > high) continue;
    const risesBeyond = low !== lowBefore && low > highBefore;
    const fallsBeyond = high !== highBefore && high < lowBefore;
    if (risesBeyond || fallsBeyond) report("voice_overlap", lower - 1, lower);
  }
}

function checkMotion(before: Slice, after: Slice, report: Report): void {
  for (let upper = 0; upper < after.pitches.length; upper++) {
    for (let lower = upper + 1; lower < after.pitches.length; lower++) {
      const from = [before.pitches[upper], before.pitches[lower]] as const;
      const to = [after.pitches[upper], after.pitches[lower]] as const;
      if (from[0] === undefined || from[1] === undefined || to[0] === undefined || to[1] === undefined)
        continue;
      if ((to[0] - from[0]) * (to[1] - from[1]) <= 0) continue;
      const interval = Math.abs(to[0] - to[1]) % 12;
      if (interval !== Math.abs(from[0] - from[1]) % 12) continue;
      if (interval === 7) report("parallel_fifths", upper, lower);
      if (interval === 0) report("parallel_octaves", upper, lower);
    }
  }
}
