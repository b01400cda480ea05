import { maxMeasures } from "../../domain/music/notation.ts";
import { Declined, type Score } from "../../domain/music/score.ts";
import { layOut } from "./written-layout.ts";

/** A note of MusicXML takes a hundred characters, that of another text a few. */
const maxCharacters = { musicxml: 1_000_000, abc: 250_000, notes: 250_000 };
const maxParts = 64;
const maxNotes = 10_000;
const maxSignatures = 2_000;
/** A score is kept as one event of at most 700,000 characters; moved to another key, its names may be longer. */
const maxBytes = 650_000;

/** @throws {Declined} for a text that is too long or holds what no text holds. */
export function checkText(text: string, format: keyof typeof maxCharacters): void {
  const most = maxCharacters[format];
  if (text.trim() === "") throw new Declined("The text is empty.");
  if (text.length > most)
    throw new Declined(`The text is longer than ${most.toLocaleString("en")} characters.`);
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

/** @throws {Declined} for a score without notes, and for one that is too large to be kept or written. */
export function checkScore(score: Score): Score {
  checkParts(score.parts.length);
  checkMeasures(score.measures.length);
  const notes = score.parts.reduce((sum, part) => sum + part.notes.length, 0);
  if (notes === 0) throw new Declined("There are no notes in this text.");
  if (notes > maxNotes) throw new Declined(`There are ${notes} notes; ${maxNotes} can be read.`);
  const { timeSignatures, keySignatures, tempos } = score;
  if (timeSignatures.length + keySignatures.length + tempos.length > maxSignatures)
    throw new Declined(`There are more than ${maxSignatures} keys, time signatures and tempos.`);
  if (Buffer.byteLength(JSON.stringify(score)) > maxBytes)
    throw new Declined("The score is too large to be kept.");
  layOut(score);
  return score;
}
