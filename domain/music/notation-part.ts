import { Cursor, declinedAt, type Place } from "./notation-cursor.ts";
import { type Note, type Part, ticksPerQuarter } from "./score.ts";
import { midiOf } from "./spelling.ts";

const quarters: Readonly<Record<string, number>> = { w: 4, h: 2, q: 1, e: 1 / 2, s: 1 / 4, t: 1 / 8 };

/** Where the bar lines of a piece are; all in ticks. */
export interface Bars {
  /** 0 where there is none. */
  readonly upbeat: number;
  readonly full: number;
}

interface Tuplet {
  readonly actual: number;
  readonly normal: number;
  readonly place: Place;
}

type GrowingNote = { -readonly [Field in keyof Note]: Note[Field] };

interface Tie {
  readonly note: GrowingNote;
  readonly place: Place;
}

/** Reads `q`, `e.`: a duration in ticks. */
export function readDuration(cursor: Cursor): number {
  const letter = cursor.take(/[whqest]/y) ?? cursor.expected("a duration (w, h, q, e, s or t)");
  const dots = cursor.take(/\.{0,2}/y)?.length ?? 0;
  return (quarters[letter] ?? 1) * ticksPerQuarter * (2 - 1 / 2 ** dots);
}

/** Reads the music of one part, line by line. */
export class PartReader {
  readonly #name: string;
  readonly #bars: Bars;
  readonly #notes: GrowingNote[] = [];
  #ties = new Map<string, Tie>();
  #tuplet: Tuplet | undefined;
  #position = 0;
  /** A bar line after a measure that makes up for the upbeat, which only the last one does. */
  #last: Place | undefined;

  constructor(name: string, bars: Bars) {
    this.#name = name;
    this.#bars = bars;
  }

  /** Ticks read so far. */
  get length(): number {
    return this.#position;
  }

  /** @throws {Declined} with line, column and what was expected. */
  readLine(text: string, line: number): void {
    const cursor = new Cursor(text, line);
    while (!cursor.atEnd) {
      const { place } = cursor;
      if (cursor.take(/\|/y)) this.#checkBarLine(place);
      else if (cursor.take(/\{/y)) this.#openTuplet(cursor, place);
      else if (cursor.take(/\}/y)) this.#closeTuplet(place);
      else this.#readEvent(cursor, place);
      cursor.skipSpace();
    }
  }

  /** @throws {Declined} where a tie or a tuplet is left open. */
  finish(): Part {
    if (this.#tuplet) throw declinedAt(this.#tuplet.place, "this tuplet is not closed by '}'");
    this.#endTies();
    const notes = this.#notes.sort((a, b) => a.onset - b.onset || midiOf(a.pitch) - midiOf(b.pitch));
    return { name: this.#name, notes };
  }

  #checkBarLine(place: Place): void {
    const { upbeat, full } = this.#bars;
    const inUpbeat = this.#position < upbeat;
    const into = inUpbeat ? this.#position : (this.#position - upbeat) % full;
    if (into === 0) return;
    if (upbeat > 0 && into === full - upbeat && !inUpbeat) this.#last = place;
    else this.#refuseBarLine(place, into, inUpbeat ? upbeat : full);
  }

  #refuseBarLine(place: Place, into: number, whole: number): never {
    const count = `${inQuarters(into)} of ${inQuarters(whole)} quarter notes`;
    throw declinedAt(place, `expected the rest of the measure, found a bar line after ${count}`);
  }

  #openTuplet(cursor: Cursor, place: Place): void {
    if (this.#tuplet) throw declinedAt(place, "expected no tuplet inside a tuplet");
    const ratio =
      cursor.take(/[1-9]\d?:[1-9]\d?(?=\s|$)/y) ?? cursor.expected("a ratio such as 3:2 and a space");
    const [actual = 1, normal = 1] = ratio.split(":").map(Number);
    this.#tuplet = { actual, normal, place };
  }

  #closeTuplet(place: Place): void {
    if (!this.#tuplet) throw declinedAt(place, "expected a note, found '}' without its '{'");
    this.#tuplet = undefined;
  }

  #readEvent(cursor: Cursor, place: Place): void {
    const { upbeat, full } = this.#bars;
    if (this.#last) this.#refuseBarLine(this.#last, full - upbeat, full);
    const pitches = readPitches(cursor);
    if (!cursor.take(/:/y)) cursor.expected("a colon and a duration, as in C4:q");
    const { actual, normal } = this.#tuplet ?? { actual: 1, normal: 1 };
    const duration = (readDuration(cursor) * normal) / actual;
    if (!Number.isInteger(duration)) throw declinedAt(place, "this length is too fine to be kept exactly");
    const allTied = cursor.take(/~/y) !== undefined;
    if (cursor.take(/(?=[\s|}]|$)/y) === undefined) cursor.expected("a space after this note");
    this.#sound(pitches, duration, allTied, place);
  }

  #sound(pitches: ReadonlyMap<string, boolean>, duration: number, allTied: boolean, place: Place): void {
    const ties = new Map<string, Tie>();
    for (const [pitch, tied] of pitches) {
      const note = this.#ties.get(pitch)?.note ?? this.#begin(pitch);
      note.duration += duration;
      this.#ties.delete(pitch);
      if (tied || allTied) ties.set(pitch, { note, place });
    }
    this.#endTies();
    this.#ties = ties;
    this.#position += duration;
  }

  #begin(pitch: string): GrowingNote {
    const note = { pitch, onset: this.#position, duration: 0 };
    this.#notes.push(note);
    return note;
  }

  #endTies(): void {
    for (const [pitch, { place }] of this.#ties)
      throw declinedAt(place, `expected ${pitch} after this tie to ${pitch}`);
  }
}

/** The pitches of a note, a chord, or (none) a rest, and whether each has a tie of its own. */
function readPitches(cursor: Cursor): Map<string, boolean> {
  const pitches = new Map<string, boolean>();
  if (cursor.take(/r/y)) return pitches;
  if (!cursor.take(/\[/y))
    return pitches.set(readPitch(cursor, "a note, a chord, a rest or a bar line"), false);
  cursor.skipSpace();
  do {
    const { place } = cursor;
    const pitch = readPitch(cursor, "a pitch such as F#4, or ']'");
    if (pitches.has(pitch)) throw declinedAt(place, `expected ${pitch} once in a chord`);
    pitches.set(pitch, cursor.take(/~/y) !== undefined);
    cursor.skipSpace();
  } while (!cursor.take(/\]/y));
  return pitches;
}

const readPitch = (cursor: Cursor, what: string): string =>
  (cursor.take(/[A-G](?:##|[x#]|bb?)?\d/y) ?? cursor.expected(what)).replace("##", "x");

const inQuarters = (ticks: number): number => Math.round((ticks / ticksPerQuarter) * 1000) / 1000;
