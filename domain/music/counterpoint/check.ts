import { Interval, Note } from "tonal";
import { type Rule, tritone, type VoicePosition } from "./rules.ts";

/** Two voices as written, note against note. */
export interface Voices {
  readonly cantus: readonly string[];
  readonly counterpoint: readonly string[];
  readonly position: VoicePosition;
  /** The name of the note before the final. */
  readonly leadingTone: string;
}

/** Notes between two reports of progress. */
const stride = 32;

const consonant = /^(1P|8P|3[mM]|5P|6[mM])$/;
const beyondTenth = /^(10A|1[1-9]|[2-9]\d)/;
const singable = /^-?(1P|2[mM]|3[mM]|4P|5P|6[mM]|8P)$/;

/**
 * The rules that a finished voice breaks, with the index of the note.
 * It reads names of notes and knows nothing of the search. Yields the fraction done.
 */
export function* brokenRules(
  voices: Voices,
  intervals: readonly string[],
): Generator<number, { rule: Rule; index: number }[]> {
  const { counterpoint } = voices;
  const highest = counterpoint.indexOf(climaxOf(counterpoint));
  const isTooWide = beyondTenth.test(rangeOf(counterpoint));
  const broken: { rule: Rule; index: number }[] = [];
  for (const [index, note] of counterpoint.entries()) {
    const report = (rule: Rule) => broken.push({ rule, index });
    for (const rule of harmonicRules(voices, intervals, note, index)) report(rule);
    for (const rule of motionRules(voices, intervals, index)) report(rule);
    for (const rule of melodicRules(counterpoint, index)) report(rule);
    if (index > highest && note === counterpoint[highest]) report("climax");
    if (index === highest && isTooWide) report("range");
    if (index % stride === 0) yield index / counterpoint.length;
  }
  return broken;
}

/** From the lower voice to the upper one, such as `10M`; it falls where they cross. Yields the fraction done. */
export function* intervalsOf({ cantus, counterpoint, position }: Voices): Generator<number, string[]> {
  const intervals: string[] = [];
  for (const [index, note] of counterpoint.entries()) {
    const against = cantus[index] ?? "";
    const [low, high] = position === "above" ? [against, note] : [note, against];
    intervals.push(Interval.distance(low, high));
    if (index % stride === 0) yield index / counterpoint.length;
  }
  return intervals;
}

export function climaxOf(line: readonly string[]): string {
  return line.reduce((high, note) => (heightOf(note) > heightOf(high) ? note : high));
}

/** From the lowest note to the highest, such as `10m`. */
export function rangeOf(line: readonly string[]): string {
  const lowest = line.reduce((low, note) => (heightOf(note) < heightOf(low) ? note : low));
  return Interval.distance(lowest, climaxOf(line));
}

function harmonicRules(voices: Voices, intervals: readonly string[], note: string, index: number): Rule[] {
  const interval = intervals[index] ?? "";
  const rules: Rule[] = [];
  const last = intervals.length - 1;
  const simple = simpleOf(interval);
  if (interval.startsWith("-")) rules.push("voice_crossing");
  if (!consonant.test(simple)) rules.push("consonance");
  if (index === 0 || index === last) {
    const isPerfect = simple === "8P" || (simple === "5P" && voices.position === "above");
    if (!isPerfect) rules.push("perfect_ends");
  } else if (interval === "1P") rules.push("inner_unison");
  if (index === last - 1) {
    const wanted = voices.position === "above" ? "6M" : "3m";
    if (simple !== wanted || Note.pitchClass(note) !== voices.leadingTone) rules.push("penultimate");
  }
  return rules;
}

function motionRules({ cantus, counterpoint }: Voices, intervals: readonly string[], index: number): Rule[] {
  const [before, now] = [simpleOf(intervals[index - 1] ?? ""), simpleOf(intervals[index] ?? "")];
  if (index === 0) return [];
  const rules: Rule[] = [];
  const [own, other] = [moveAt(counterpoint, index), moveAt(cantus, index)];
  if ((now === "8P" || now === "5P") && own !== 0 && other !== 0) {
    if (now === before) rules.push("parallel_perfect");
    else if (own * other > 0) rules.push("direct_perfect");
  }
  const parallels = [0, 1, 2].every((back) =>
    isParallelImperfect({ cantus, counterpoint }, intervals, index - back),
  );
  if (parallels) rules.push("imperfect_run");
  return rules;
}

function isParallelImperfect(
  { cantus, counterpoint }: Pick<Voices, "cantus" | "counterpoint">,
  intervals: readonly string[],
  index: number,
): boolean {
  if (index < 1) return false;
  const [before, now] = [simpleOf(intervals[index - 1] ?? ""), simpleOf(intervals[index] ?? "")];
  const isSame = before[0] === now[0] && (now.startsWith("3") || now.startsWith("6"));
  return isSame && moveAt(counterpoint, index) * moveAt(cantus, index) > 0;
}

function melodicRules(line: readonly string[], index: number): Rule[] {
  const [before, note] = [line[index - 1], line[index] ?? ""];
  if (before === undefined) return [];
  const rules: Rule[] = [];
  const interval = Interval.distance(before, note);
  if (!singable.test(interval)) rules.push("melodic_interval");
  const leap = index < 2 ? 0 : moveAt(line, index - 1);
  const isStepBack = /^-?2/.test(interval) && leap * moveAt(line, index) < 0;
  if (Math.abs(leap) > 5 && !isStepBack) rules.push("leap_recovery");
  if (completesTritone(line, index)) rules.push("tritone_outline");
  return rules;
}

/** Whether the line turns or ends on this note, a tritone away from where it turned or began before. */
function completesTritone(line: readonly string[], index: number): boolean {
  const move = moveAt(line, index);
  let after = index + 1;
  while (after < line.length && line[after] === line[index]) after++;
  if (move === 0 || (after < line.length && moveAt(line, after) * move > 0)) return false;
  let start = index - 1;
  while (start > 0 && moveAt(line, start) * move >= 0) start--;
  return Math.abs(heightOf(line[index] ?? "") - heightOf(line[start] ?? "")) === tritone;
}

export function moveAt(line: readonly string[], index: number): number {
  return heightOf(line[index] ?? "") - heightOf(line[index - 1] ?? "");
}

function heightOf(note: string): number {
  return Note.midi(note) ?? 0;
}

/** Within an octave; unisons count as octaves. */
function simpleOf(interval: string): string {
  const simple = Interval.simplify(interval.replace("-", ""));
  return simple === "1P" ? "8P" : simple;
}
