import { type Cursor, declinedAt, type Place } from "../../domain/music/notation-cursor.ts";
import type { KeySignature, Measure, Tempo, TimeSignature } from "../../domain/music/score.ts";
import { AbcBars } from "./abc-bars.ts";
import { type AbcEvent, type AbcNote, ornaments, readEvent } from "./abc-event.ts";
import {
  type AbcKey,
  alterOf,
  keyField,
  lengthField,
  meterField,
  tempoField,
  wholeNote,
} from "./abc-fields.ts";
import { signOf } from "./accidentals.ts";
import type { NoteHead } from "./ties.ts";

/** In all voices of a tune. */
const maxHeads = 20_000;

type OpenHead = { -readonly [Field in keyof NoteHead]: NoteHead[Field] };

interface PlacedEvent {
  readonly heads: readonly OpenHead[];
  readonly onset: number;
  readonly duration: number;
}

/** Reads the music of one voice, token by token. */
export class AbcVoice {
  readonly heads: OpenHead[] = [];
  readonly times: TimeSignature[] = [];
  readonly keys: KeySignature[] = [];
  readonly tempos: Tempo[] = [];
  readonly #bars = new AbcBars();
  readonly #octave: number;
  #unit: number | undefined;
  #keyAlters: AbcKey["alters"] = new Map();
  /** Of the measure so far; they hold in all octaves. */
  readonly #alters = new Map<string, number>();
  #last: PlacedEvent | undefined;
  #tuplet = { factor: 1, left: 0 };
  /** By how much `>` or `<` changes the next event. */
  #broken = 1;
  readonly #tally: { heads: number };

  /** A voice of a tune begins with what its header says, which is read once for all of them. */
  constructor(octave = 0, header?: AbcVoice) {
    this.#octave = octave;
    this.#tally = header ? header.#tally : { heads: 0 };
    if (!header) return;
    this.times.push(...header.times);
    this.keys.push(...header.keys);
    this.tempos.push(...header.tempos);
    this.#bars.meter = header.#bars.meter;
    this.#unit = header.#unit;
    this.#keyAlters = header.#keyAlters;
  }

  get measures(): readonly Omit<Measure, "number">[] {
    return this.#bars.measures;
  }

  /** A field `K`, `M`, `L` or `Q`. @throws {Declined} */
  field(letter: string, text: string, place: Place): void {
    const onset = this.#bars.position;
    const refuse = (what: string) =>
      declinedAt(place, `expected ${what}, found '${text.trim().slice(0, 20)}'`);
    if (letter === "K") {
      const key = keyField(text);
      if (!key) throw refuse("a key such as G, F#m or D dorian");
      const { alters, ...signature } = key;
      this.#keyAlters = alters;
      replaceLast(this.keys, { onset, ...signature });
    } else if (letter === "M") {
      const meter = meterField(text);
      if (!meter) throw refuse("a meter such as 6/8");
      this.#bars.meter = meter === "none" ? undefined : meter;
      if (meter !== "none") replaceLast(this.times, { onset, ...meter });
    } else if (letter === "L") {
      this.#unit = lengthField(text);
      if (!this.#unit) throw refuse("a length such as 1/8");
    } else if (letter === "Q") {
      const tempo = tempoField(text, this.#unitLength);
      if (tempo) replaceLast(this.tempos, { onset, ...tempo });
    }
  }

  /** @throws {Declined} with line, column and what was expected */
  readToken(cursor: Cursor): void {
    const { place } = cursor;
    const bar = cursor.take(
      /\.?(?:\[\||[|:])[|:]*\]?(?:\d{1,3}(?:[,-]\d{1,3})*)?|\[\d{1,3}(?:[,-]\d{1,3})*/y,
    );
    const tuplet = bar ? undefined : cursor.take(/\(\d{1,2}(?::\d{0,2}){0,2}/y);
    if (bar) this.#endMeasure();
    else if (tuplet) this.#beginTuplet(tuplet, place);
    else if (cursor.take(ornaments) ?? cursor.take(/\{[^}]*\}|y[\d/]*|\.?\(|[)!\\`$*]/y)) return;
    else if (cursor.take(/-/y)) this.#tie(place);
    else if (cursor.take(/&/y)) this.#bars.overlay();
    else if (cursor.take(/[ZX]/y)) this.#restMeasures(Number(cursor.take(/\d{1,4}/y) ?? "1"));
    else this.#readEvent(cursor, place);
  }

  finish(): void {
    this.#endMeasure();
  }

  get #unitLength(): number {
    const { meter } = this.#bars;
    return this.#unit ?? (meter && meter.beats / meter.beatType < 0.75 ? wholeNote / 16 : wholeNote / 8);
  }

  #endMeasure(): void {
    this.#bars.end();
    this.#alters.clear();
  }

  #restMeasures(count: number): void {
    for (let done = 0; done < count; done += 1) {
      if (done > 0) this.#endMeasure();
      this.#bars.move(this.#bars.full);
    }
    this.#last = undefined;
  }

  #beginTuplet(text: string, place: Place): void {
    const [count = 0, time, length] = text.slice(1).split(":").map(Number);
    const { meter } = this.#bars;
    const compound = meter !== undefined && meter.beatType >= 8 && meter.beats >= 6 && meter.beats % 3 === 0;
    const usual = [2, 4, 8].includes(count) ? 3 : [3, 6].includes(count) ? 2 : compound ? 3 : 2;
    if (count < 2) throw declinedAt(place, "expected a tuplet of two notes or more");
    this.#tuplet = { factor: (time || usual) / count, left: length || count };
  }

  #tie(place: Place): void {
    if (!this.#last) throw declinedAt(place, "expected a note before the tie");
    for (const head of this.#last.heads) head.tiedToNext = true;
  }

  #readEvent(cursor: Cursor, place: Place): void {
    const event = readEvent(cursor) ?? cursor.expected("a note, a chord, a rest or a bar line");
    this.#place(event, place);
    const broken = cursor.take(/[ \t]*(?:>{1,3}|<{1,3})/y)?.trim();
    if (!broken) return;
    const short = 1 / 2 ** broken.length;
    this.#stretchLast(broken.startsWith(">") ? 2 - short : short, place);
    this.#broken = broken.startsWith(">") ? short : 2 - short;
  }

  #place({ notes, length }: AbcEvent, place: Place): void {
    const factor = this.#unitLength * this.#broken * (this.#tuplet.left > 0 ? this.#tuplet.factor : 1);
    this.#broken = 1;
    this.#tuplet.left -= 1;
    const onset = this.#bars.position;
    const heads = notes.map((note) => ({
      pitch: this.#pitchOf(note, place),
      onset,
      duration: whole(note.length * factor, place),
      voice: "1",
      tiedToNext: note.tied,
      tiedToLast: true,
    }));
    this.heads.push(...heads);
    this.#tally.heads += heads.length;
    if (this.#tally.heads > maxHeads) throw declinedAt(place, `more than ${maxHeads} notes`);
    this.#last = { heads, onset, duration: whole(length * factor, place) };
    this.#bars.move(this.#last.duration);
  }

  #stretchLast(factor: number, place: Place): void {
    const last = this.#last;
    if (!last) return;
    for (const head of last.heads) head.duration = whole(head.duration * factor, place);
    this.#bars.move(whole(last.duration * factor, place) - last.duration);
  }

  /** An accidental holds to the end of the measure, and over a tie. */
  #pitchOf({ letter, octave, accidental }: AbcNote, place: Place): string {
    const at = octave + this.#octave;
    if (accidental !== "") this.#alters.set(letter, alterOf(accidental));
    const alter = this.#alters.get(letter) ?? this.#keyAlters.get(letter) ?? 0;
    const tied = this.#last?.heads.find(({ pitch, tiedToNext }) => tiedToNext && isAt(pitch, letter, at));
    if (accidental === "" && tied && !this.#alters.has(letter)) return tied.pitch;
    if (at < 0 || at > 9) throw declinedAt(place, "expected a pitch in the octaves 0 to 9");
    return `${letter}${signOf(alter) ?? ""}${at}`;
  }
}

const isAt = (pitch: string, letter: string, octave: number): boolean =>
  pitch.startsWith(letter) && pitch.endsWith(String(octave));

/** What is said twice at one place holds as it was said last. */
function replaceLast<Item extends { readonly onset: number }>(items: Item[], item: Item): void {
  if (items.at(-1)?.onset === item.onset) items.pop();
  items.push(item);
}

/** A 1,024th of a tick is what calculating with thirds may lose. */
function whole(ticks: number, place: Place): number {
  const rounded = Math.round(ticks);
  if (rounded < 1 || Math.abs(ticks - rounded) > 1 / 1024)
    throw declinedAt(place, "this length is too fine to be kept exactly");
  return rounded;
}
