import { Note } from "tonal";
import type { Chord } from "./chord.ts";
import type { Span } from "./melody.ts";
import type { Style } from "./style.ts";

export const outOfStyle = 10;

/** What it costs to go from one chord to the next. */
export function progressionCost(style: Style, from: Chord, to: Chord, beginsMeasure: boolean): number {
  if (from === to) return beginsMeasure ? 2 : 0.7;
  if (from.numeral === to.numeral && from.of === to.of)
    return repeatedRootCost(from, to) + (beginsMeasure ? 1.3 : 0);
  if (from.target !== undefined) return to.degree === from.target ? 0 : outOfStyle;
  if (to.of !== undefined) return 1;
  if (from.degree === to.degree) return 2;
  return style.progressions[from.degree - 1]?.[to.degree - 1] ?? outOfStyle;
}

function repeatedRootCost(from: Chord, to: Chord): number {
  if (from.tones.length === to.tones.length) return 0.7;
  return from.tones.length < to.tones.length ? 0.4 : 3;
}

/** What it costs to put the chord under the notes of the span, or infinity. */
export function fitCost(chord: Chord, span: Span): number {
  if (!chord.chromas.includes(span.head % 12)) return Number.POSITIVE_INFINITY;
  let cost = chord.cost;
  for (const [index, pitch] of span.pitches.entries()) {
    const tone = chord.chromas.indexOf(pitch % 12);
    if (tone < 0) cost += isBetweenSteps(span.pitches, index) ? 0.5 : 3;
    else if (Note.pitchClass(span.notes[index]?.pitch ?? "") !== chord.tones[tone]) cost += 3;
  }
  return cost;
}

function isBetweenSteps(pitches: readonly number[], index: number): boolean {
  const [before, pitch, after] = [pitches[index - 1], pitches[index] ?? 0, pitches[index + 1]];
  const isStep = (other: number | undefined) => other === undefined || Math.abs(other - pitch) <= 2;
  return isStep(before) && isStep(after);
}

/** What it costs to have the chord at this place of the piece: at the beginning, in the cadence, at the end. */
export function placeCost(style: Style, chord: Chord, index: number, length: number): number {
  const { degree, of } = chord;
  let cost = 0;
  if (index === 0) cost += of === undefined ? ([0, 3, 3, 2, 1, 3, 4][degree - 1] ?? 3) : 6;
  if (index === length - 1)
    return cost + (of === undefined ? ([0, 14, 14, 12, 6, 9, 12][degree - 1] ?? 12) : 18);
  if (index === length - 2) cost += of === undefined ? (style.cadence[degree - 1] ?? 8) : 8;
  if (index === length - 3) cost += of === undefined ? (style.approach[degree - 1] ?? 2) : 1;
  return cost;
}
