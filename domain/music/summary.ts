import type { Score } from "./score.ts";

/** How many notes sound. */
export const countNotes = (score: Score): number =>
  score.parts.reduce((sum, { notes }) => sum + notes.length, 0);

/** One line about a score, for lists. */
export function summaryOf(score: Score) {
  return {
    title: score.title,
    measures: score.measures.length,
    notes: countNotes(score),
    parts: score.parts.length,
  };
}
