import { Interval } from "tonal";
import { climaxOf, moveAt, rangeOf, type Voices } from "./check.ts";

/** How the voices go to an interval from the one before; null for the first. */
type MotionName = "contrary" | "oblique" | "parallel" | "similar" | null;

export interface IntervalEntry {
  /** As printed. */
  readonly measure: string;
  /** From the lower voice to the upper one, such as `M10`. */
  readonly interval: string;
  readonly motion: MotionName;
}

export interface MelodicAnalysis {
  /** From the lowest note to the highest, such as `m10`. */
  readonly range: string;
  readonly leaps: number;
  readonly steps: number;
  /** The highest note. */
  readonly climax: string;
}

export function intervalAnalysis(
  voices: Voices,
  intervals: readonly string[],
  measures: readonly string[],
): IntervalEntry[] {
  return intervals.map((interval, index) => ({
    measure: measures[index] ?? "",
    interval: asWritten(interval),
    motion: motionAt(voices, intervals, index),
  }));
}

export function melodicAnalysis(line: readonly string[]): MelodicAnalysis {
  const moves = line.slice(1).map((_, index) => Math.abs(moveAt(line, index + 1)));
  return {
    range: asWritten(rangeOf(line)),
    leaps: moves.filter((move) => move > 2).length,
    steps: moves.filter((move) => move === 1 || move === 2).length,
    climax: climaxOf(line),
  };
}

function motionAt({ cantus, counterpoint }: Voices, intervals: readonly string[], index: number): MotionName {
  if (index === 0) return null;
  const [own, other] = [moveAt(counterpoint, index), moveAt(cantus, index)];
  if (own * other < 0) return "contrary";
  if (own * other === 0) return "oblique";
  const [before, now] = [Interval.num(intervals[index - 1] ?? ""), Interval.num(intervals[index] ?? "")];
  return before === now ? "parallel" : "similar";
}

/** `M10` for tonal's `10M`. */
function asWritten(interval: string): string {
  return interval.replace(/^(-?\d+)(\D+)$/, "$2$1");
}
