import type { SignCount } from "./sign-count.ts";
import { type WrittenDuration, writtenDurations } from "./written-durations.ts";
import type { Segment } from "./written-voices.ts";

/** What one voice has in one measure, in order and without overlaps. */
export interface Line {
  readonly segments: readonly Segment[];
  /** Ticks from the beginning of the score. */
  readonly from: number;
  readonly gaps: "rests" | "skipped";
  /** Up to where rests are written. */
  readonly until?: number;
}

export interface Sign {
  readonly kind: "note" | "rest" | "measure rest" | "skip";
  readonly pitches: readonly string[];
  readonly written: WrittenDuration;
  readonly tiedToLast: boolean;
  readonly tiedToNext: boolean;
}

const silent = { pitches: [], tiedToLast: false, tiedToNext: false };

/** The notes and rests of a line as they are written. @throws {Declined} for far too many */
export function signsOf(
  { segments, from, gaps, until = from }: Line,
  divisor: number,
  count: SignCount,
): Sign[] {
  const signs: Sign[] = [];
  let position = from;
  const fill = (to: number) => {
    if (to <= position) return;
    const ticks = to - position;
    const silence = gaps === "skipped" ? [skip(ticks)] : restsOf(ticks, divisor, segments.length === 0);
    count.add(silence.length);
    signs.push(...silence);
  };
  for (const segment of segments) {
    fill(segment.onset);
    const notes = notesOf(segment, divisor);
    // One of them is counted for each segment.
    count.add((notes.length - 1) * segment.pitches.length);
    signs.push(...notes);
    position = segment.onset + segment.duration;
  }
  fill(until);
  return signs;
}

const skip = (ticks: number): Sign => ({ ...silent, kind: "skip", written: { ticks } });

const restsOf = (ticks: number, divisor: number, isWhole: boolean): Sign[] =>
  isWhole
    ? [{ ...silent, kind: "measure rest", written: { ticks } }]
    : writtenDurations(ticks, divisor).map((written) => ({ ...silent, kind: "rest", written }));

const notesOf = ({ pitches, duration, tiedToLast, tiedToNext }: Segment, divisor: number): Sign[] =>
  writtenDurations(duration, divisor).map((written, index, all) => ({
    kind: "note",
    pitches,
    written,
    tiedToLast: index > 0 || tiedToLast,
    tiedToNext: index < all.length - 1 || tiedToNext,
  }));
