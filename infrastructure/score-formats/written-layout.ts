import { type Measure, type Part, type Score, ticksPerQuarter } from "../../domain/music/score.ts";
import { SignCount } from "./sign-count.ts";
import { eventsByMeasure, type ScoreEvent } from "./written-signatures.ts";
import { type Sign, signsOf } from "./written-signs.ts";
import { type SegmentsByMeasure, segmentsByVoice } from "./written-voices.ts";

/** What one voice has in one measure. */
export interface LaidLine {
  /** From 1. */
  readonly voice: number;
  readonly signs: readonly Sign[];
  /** Ticks from the beginning of the score. */
  readonly end: number;
}

export interface LaidMeasure {
  readonly measure: Measure;
  /** The first one is as long as the measure. */
  readonly lines: readonly LaidLine[];
  readonly events: readonly ScoreEvent[];
}

interface Layout {
  /** Ticks in a division. */
  readonly divisor: number;
  readonly parts: readonly (readonly LaidMeasure[])[];
}

/**
 * The signs with which a score is written, whose number is bounded.
 * @throws {Declined} for a score that takes too many of them, or too many voices
 */
export function layOut(score: Score): Layout {
  const divisor = divisorOf(score);
  const count = new SignCount();
  return { divisor, parts: score.parts.map((part, index) => layOutPart(part, index, score, divisor, count)) };
}

function layOutPart(
  { notes }: Part,
  index: number,
  { measures, timeSignatures: times, keySignatures: keys, tempos: all }: Score,
  divisor: number,
  count: SignCount,
): LaidMeasure[] {
  const tempos = index === 0 ? all : [];
  count.add(times.length + keys.length + tempos.length);
  const events = eventsByMeasure(measures, { times, keys, tempos });
  const voices = segmentsByVoice(notes, measures, count);
  return measures.map((measure, at) => ({
    measure,
    lines: linesOf(measure, at, voices, divisor, count),
    events: events[at] ?? [],
  }));
}

function linesOf(
  { onset, duration }: Measure,
  at: number,
  [main, ...others]: readonly SegmentsByMeasure[],
  divisor: number,
  count: SignCount,
): LaidLine[] {
  const end = onset + duration;
  const first = { segments: main?.[at] ?? [], from: onset, gaps: "rests", until: end } as const;
  const lines: LaidLine[] = [{ voice: 1, signs: signsOf(first, divisor, count), end }];
  for (const [index, byMeasure] of others.entries()) {
    const segments = byMeasure[at] ?? [];
    const last = segments.at(-1);
    if (!last) continue;
    const signs = signsOf({ segments, from: onset, gaps: "skipped" }, divisor, count);
    lines.push({ voice: index + 2, signs, end: last.onset + last.duration });
  }
  return lines;
}

/** As many ticks as all lengths of the score are multiples of. */
function divisorOf({ parts, measures, keySignatures, timeSignatures, tempos }: Score): number {
  let divisor = ticksPerQuarter;
  const include = (ticks: number) => {
    divisor = greatestCommonDivisor(divisor, ticks);
  };
  for (const { onset, duration } of [...measures, ...parts.flatMap(({ notes }) => notes)]) {
    include(onset);
    include(duration);
  }
  for (const { onset } of [...keySignatures, ...timeSignatures, ...tempos]) include(onset);
  return divisor;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
