import { maxMeasures } from "../../domain/music/notation.ts";
import { Declined, type Score } from "../../domain/music/score.ts";

const maxCharacters = 1_000_000;
const maxParts = 64;
const maxNotes = 10_000;

/** @throws {Declined} for a text that is too long or holds what no text holds. */
export function checkText(text: string): void {
  if (text.trim() === "") throw new Declined("The text is empty.");
  if (text.length > maxCharacters) throw new Declined("The text is longer than 1,000,000 characters.");
  if (text.includes("\0")) throw new Declined("The text is not text: it holds NUL characters.");
}

/** @throws {Declined} */
export function checkParts(count: number): void {
  if (count > maxParts) throw new Declined(`There are ${count} parts; ${maxParts} can be read.`);
}

/** @throws {Declined} */
export function checkMeasures(count: number): void {
  if (count > maxMeasures) throw new Declined(`There are more than ${maxMeasures} measures.`);
}

/** @throws {Declined} for a score without notes, and for one that is too large. */
export function checkScore(score: Score): Score {
  checkParts(score.parts.length);
  checkMeasures(score.measures.length);
  const notes = score.parts.reduce((sum, part) => sum + part.notes.length, 0);
  if (notes === 0) throw new Declined("There are no notes in this text.");
  if (notes > maxNotes) throw new Declined(`There are ${notes} notes; ${maxNotes} can be read.`);
  return score;
}
