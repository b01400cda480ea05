import { type Cursor, declinedAt } from "../../domain/music/notation-cursor.ts";

/** A chord is compared with the one before it, note by note. */
const maxChordNotes = 100;

/** One letter with its signs, as written. */
export interface AbcNote {
  readonly letter: string;
  readonly octave: number;
  /** Empty where none is written. */
  readonly accidental: string;
  /** Unit lengths. */
  readonly length: number;
  readonly tied: boolean;
}

/** A note, a chord or (without notes) a rest. */
export interface AbcEvent {
  readonly notes: readonly AbcNote[];
  /** Unit lengths. */
  readonly length: number;
}

/** What may stand before a note or in a chord and says nothing of pitch or length. */
export const ornaments = /"[^"]*"|![^!|]*!|\+[\w.<>()]{1,30}\+|[.~H-Wh-w]/y;

/** Undefined where no note, chord or rest begins here. @throws {Declined} where one goes wrong */
export function readEvent(cursor: Cursor): AbcEvent | undefined {
  if (cursor.take(/[zx]/y)) return { notes: [], length: readLength(cursor) };
  if (cursor.take(/\[/y)) return readChord(cursor);
  const note = readNote(cursor);
  return note && { notes: [note], length: note.length };
}

/** The first note of a chord says how long it is. */
function readChord(cursor: Cursor): AbcEvent {
  const notes: AbcNote[] = [];
  while (!cursor.take(/\]/y)) {
    const note = readNote(cursor);
    if (note) notes.push({ ...note, tied: cursor.take(/-/y) !== undefined });
    else if (!cursor.take(ornaments) && !cursor.take(/\s+/y)) cursor.expected("a note of the chord, or ']'");
    if (notes.length > maxChordNotes)
      throw declinedAt(cursor.place, `more than ${maxChordNotes} notes in a chord`);
  }
  const length = readLength(cursor);
  const own = notes[0]?.length ?? 1;
  return { notes: notes.map((note) => ({ ...note, length: note.length * length })), length: own * length };
}

function readNote(cursor: Cursor): AbcNote | undefined {
  const accidental = cursor.take(/\^{1,2}|_{1,2}|=/y) ?? "";
  const letter = cursor.take(/[A-Ga-g]/y);
  if (letter === undefined)
    return accidental === "" ? undefined : cursor.expected("a note after the accidental");
  const marks = cursor.take(/[,']*/y) ?? "";
  const up = marks.split("'").length - 1;
  const octave = (letter < "a" ? 4 : 5) + 2 * up - marks.length;
  return { letter: letter.toUpperCase(), octave, accidental, length: readLength(cursor), tied: false };
}

/** `2`, `/`, `//`, `3/2`: how many unit lengths. */
function readLength(cursor: Cursor): number {
  const over = cursor.take(/\d+/y) ?? "1";
  const slashes = cursor.take(/\/*/y)?.length ?? 0;
  const under = slashes > 0 ? cursor.take(/\d+/y) : undefined;
  const length = Number(over) / (under === undefined ? 2 ** slashes : Number(under) * 2 ** (slashes - 1));
  return length > 0 && length < 10_000
    ? length
    : cursor.expected("a length that is neither nothing nor endless");
}
