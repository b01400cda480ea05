import { Cursor, declinedAt, type Place } from "./notation-cursor.ts";
import { type Bars, PartReader, readDuration } from "./notation-part.ts";
import { shortened } from "./notation-text.ts";
import { Declined, type KeySignature, type Measure, type Score, ticksPerQuarter } from "./score.ts";
import { fifthsOf } from "./spelling.ts";

/** What holds where the text has no header of that name; written as in a header. */
export interface NotationDefaults {
  readonly title?: string;
  readonly composer?: string;
  readonly time?: string;
  readonly key?: string;
  readonly tempo?: number;
  /** Names of parts that the text does not name, in order. */
  readonly parts?: readonly string[];
}

interface Value {
  readonly text: string;
  /** Missing where the value is a default. */
  readonly place?: Place;
}

type Headers = ReadonlyMap<string, Value>;

/** So that a piece of many short measures cannot fill the memory. */
export const maxMeasures = 2_000;

const header = /^\s*(title|composer|time|key|tempo|upbeat|part):(.*)$/i;
const modeFifths: Readonly<Record<string, number>> = {
  major: 0,
  ionian: 0,
  mixolydian: -1,
  dorian: -2,
  minor: -3,
  aeolian: -3,
  phrygian: -4,
  locrian: -5,
  lydian: 1,
};

/**
 * Music from a list of notes as text, such as `C4:q D4:e E4:e | [C4 E4 G4]:h r:q Bb3:q`. Durations are w, h, q, e, s
 * and t (32nd) with up to two dots; `~` ties; `{3:2 C4:e D4:e E4:e}` is a triplet; bar lines may be left out and are
 * checked where they are not. Lines before the music may say `title:`, `composer:`, `time: 3/4`, `key: G major`,
 * `tempo: 96` (quarters a minute) and `upbeat: q`; a line `part: Name` begins a part. Long titles and names are cut.
 * @throws {Declined} with line, column and what was expected.
 */
export function readNotation(text: string, defaults: NotationDefaults = {}): Score {
  const lines = text.split(/\r\n|\n|\r/);
  const headers = readHeaders(lines, defaults);
  const time = timeOf(headers);
  const bars = barsOf(headers, (time.beats * 4 * ticksPerQuarter) / time.beatType);
  const readers = readParts(lines, bars, defaults.parts ?? []);
  const parts = readers.map((reader) => reader.finish());
  if (parts.every(({ notes }) => notes.length === 0)) throw new Declined("There are no notes in this text.");
  const composer = headers.get("composer")?.text;
  return {
    title: shortened(headers.get("title")?.text ?? "Untitled"),
    ...(composer ? { composer: shortened(composer) } : {}),
    parts,
    measures: measuresOf(
      bars,
      readers.reduce((end, { length }) => Math.max(end, length), 0),
    ),
    timeSignatures: [{ onset: 0, ...time }],
    keySignatures: keysOf(headers),
    tempos: temposOf(headers),
  };
}

function readHeaders(lines: readonly string[], defaults: NotationDefaults): Headers {
  const { title, composer, time = "4/4", key, tempo } = defaults;
  const headers = new Map<string, Value>();
  for (const [name, value] of Object.entries({ title, composer, time, key, tempo }))
    if (value !== undefined) headers.set(name, { text: String(value) });
  let music = false;
  for (const [index, line] of lines.entries()) {
    const [, name = "", value = ""] = header.exec(line) ?? [];
    if (name === "") music ||= line.trim() !== "";
    else if (name.toLowerCase() !== "part") {
      const place = { line: index + 1, column: 1 };
      if (music) throw declinedAt(place, `expected '${name}:' before the music`);
      if (value.trim() !== "") headers.set(name.toLowerCase(), { text: value.trim(), place });
    }
  }
  return headers;
}

function readParts(lines: readonly string[], bars: Bars, names: readonly string[]): PartReader[] {
  const readers: PartReader[] = [];
  const begin = (name = names[readers.length] ?? `Part ${readers.length + 1}`) => {
    const reader = new PartReader(shortened(name), bars);
    readers.push(reader);
    return reader;
  };
  let current: PartReader | undefined;
  for (const [index, line] of lines.entries()) {
    const [, name, value = ""] = header.exec(line) ?? [];
    if (name?.toLowerCase() === "part") current = begin(value.trim() || undefined);
    else if (name === undefined && line.trim() !== "") {
      current ??= begin();
      current.readLine(line, index + 1);
    }
  }
  return readers;
}

function timeOf(headers: Headers): { beats: number; beatType: number } {
  const time = headers.get("time");
  const [, beats, beatType] = /^([1-9]\d?)\/(1|2|4|8|16|32|64)$/.exec(time?.text ?? "") ?? [];
  if (!beats) throw unreadable(time, "a time signature such as 3/4");
  return { beats: Number(beats), beatType: Number(beatType) };
}

function keysOf(headers: Headers): KeySignature[] {
  const key = headers.get("key");
  if (!key) return [];
  const [, tonic = "", name = ""] = /^([A-G][#b]?) +([a-z]+)$/i.exec(key.text) ?? [];
  const mode = name.toLowerCase();
  const shift = modeFifths[mode];
  if (shift === undefined) throw unreadable(key, "a key such as G major or F# minor");
  const fifths = fifthsOf(tonic.charAt(0).toUpperCase() + tonic.slice(1)) + shift;
  if (Math.abs(fifths) > 7) throw unreadable(key, "a key with at most seven sharps or flats");
  return [{ onset: 0, fifths, ...(mode === "major" || mode === "minor" ? { mode } : {}) }];
}

function temposOf(headers: Headers): Score["tempos"] {
  const tempo = headers.get("tempo");
  if (!tempo) return [];
  const bpm = /^\d{1,3}(\.\d{1,3})?$/.test(tempo.text) ? Number(tempo.text) : 0;
  if (bpm === 0) throw unreadable(tempo, "quarter notes a minute, such as 96");
  return [{ onset: 0, bpm }];
}

function barsOf(headers: Headers, full: number): Bars {
  const value = headers.get("upbeat");
  if (!value) return { upbeat: 0, full };
  const upbeat = /^[whqest]\.{0,2}$/.test(value.text) ? readDuration(new Cursor(value.text, 1)) : full;
  if (upbeat >= full) throw unreadable(value, "an upbeat such as q, shorter than a measure");
  return { upbeat, full };
}

function unreadable(value: Value | undefined, expected: string): Declined {
  const message = `expected ${expected}, found '${value?.text.slice(0, 20) ?? ""}'`;
  return value?.place ? declinedAt(value.place, message) : new Declined(`In the defaults: ${message}.`);
}

/** The last measure is full, unless it makes up for the upbeat. */
function measuresOf({ upbeat, full }: Bars, end: number): Measure[] {
  if ((end - upbeat) / full > maxMeasures)
    throw new Declined(`There are more than ${maxMeasures} measures in this text.`);
  const measures: Measure[] = upbeat === 0 ? [] : [{ number: "0", onset: 0, duration: upbeat }];
  for (let number = 1, onset = upbeat; onset < end; number += 1, onset += full) {
    const closes = upbeat > 0 && end === onset + full - upbeat;
    measures.push({ number: String(number), onset, duration: closes ? full - upbeat : full });
  }
  return measures;
}
