import { type Measure, type Score, type TimeSignature, ticksPerQuarter } from "./score.ts";

/** Quarter notes, to four decimals: enough for a triplet to be told, and fit to be read. */
export const quarters = (ticks: number): number => rounded(ticks / ticksPerQuarter);

export const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** The index of the last entry that begins at or before a tick; -1 where there is none. */
export function indexAt(entries: readonly { readonly onset: number }[], onset: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.onset ?? Number.POSITIVE_INFINITY) <= onset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The measure that holds a tick; the nearest one for a tick outside all of them. */
export function measureAt(score: Score, onset: number): Measure {
  const index = Math.max(0, indexAt(score.measures, onset));
  return score.measures[index] ?? { number: "1", onset: 0, duration: endOf(score) };
}

/** The time signature in force at a tick; 4/4 where the score has none. */
export const timeSignatureAt = (score: Score, onset: number): TimeSignature =>
  score.timeSignatures[indexAt(score.timeSignatures, onset)] ?? { onset: 0, beats: 4, beatType: 4 };

/** The tick at which the last measure and the last note are over. */
export function endOf(score: Score): number {
  const last = score.measures.at(-1);
  let end = last ? last.onset + last.duration : 0;
  for (const part of score.parts) {
    for (const note of part.notes) end = Math.max(end, note.onset + note.duration);
  }
  return end;
}
