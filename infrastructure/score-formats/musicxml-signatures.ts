import type {
  DirectionType,
  MeasureAttributes,
  MeasureEntry,
  KeySignature as RawKey,
  TimeSignature as RawTime,
} from "musicxml-io";
import { shortened } from "../../domain/music/notation-text.ts";
import { Declined, type KeySignature, type Tempo, type TimeSignature } from "../../domain/music/score.ts";
import { soundingFifths, type Transposition } from "./musicxml-pitch.ts";

type TempoEntry = Extract<MeasureEntry, { type: "direction" | "sound" }>;

const beatUnits: Readonly<Record<string, number>> = {
  breve: 8,
  whole: 4,
  half: 2,
  quarter: 1,
  eighth: 1 / 2,
  "16th": 1 / 4,
  "32nd": 1 / 8,
};

/** Undefined for music without a meter. @throws {Declined} */
export function timeOf({ time }: MeasureAttributes): Omit<TimeSignature, "onset"> | undefined {
  if (!time || time.senzaMisura) return undefined;
  const types = time.beatTypeList ?? [time.beatType];
  const beatType = Math.max(...types.slice(0, 8));
  const beats = (time.beatsStrList ?? [time.beats]).reduce(
    (sum, text, index) => sum + (sumOf(text) * beatType) / (types[index] ?? beatType),
    0,
  );
  if (![1, 2, 4, 8, 16, 32, 64].includes(beatType) || !Number.isInteger(beats) || beats < 1 || beats > 99)
    throw unreadableTime(time);
  return { beats, beatType };
}

/** `3+2` is 5. */
const sumOf = (text: string): number =>
  /^\s*\d{1,2}(?:\s*\+\s*\d{1,2}){0,9}\s*$/.test(text)
    ? text.split("+").reduce((sum, part) => sum + Number(part), 0)
    : Number.NaN;

const unreadableTime = ({ beats, beatType }: RawTime): Declined =>
  new Declined(`The time signature ${beats.slice(0, 10)}/${beatType} cannot be read.`);

/** Undefined for a signature of single accidentals, which is none of the usual ones. @throws {Declined} */
export function keyOf(
  attributes: MeasureAttributes,
  transposition: Transposition,
): Omit<KeySignature, "onset"> | undefined {
  const key: RawKey | undefined = attributes.key ?? attributes.keys?.[0];
  if (!key || key.keySteps) return undefined;
  if (!Number.isInteger(key.fifths) || Math.abs(key.fifths) > 7)
    throw new Declined("A key signature has more than seven sharps or flats.");
  const { mode } = key;
  const fifths = soundingFifths(key.fifths, transposition);
  return { fifths, ...(mode === "major" || mode === "minor" ? { mode } : {}) };
}

/** Undefined where the entry says nothing of a tempo. */
export function tempoOf(entry: TempoEntry): Omit<Tempo, "onset"> | undefined {
  const types = entry.type === "direction" ? entry.directionTypes : [];
  const played = entry.type === "direction" ? entry.sound?.tempo : entry.tempo;
  const bpm = played ?? types.map(metronomeOf).find((found) => found !== undefined);
  if (bpm === undefined || !(bpm > 0 && bpm <= 1000)) return undefined;
  const text = types.find((type) => type.kind === "words")?.text.trim();
  return { bpm, ...(text ? { text: shortened(text) } : {}) };
}

function metronomeOf(type: DirectionType): number | undefined {
  if (type.kind !== "metronome" || type.perMinute === undefined) return undefined;
  const [rate] = /\d{1,4}(?:\.\d{1,4})?/.exec(String(type.perMinute)) ?? [];
  const unit = beatUnits[type.beatUnit];
  if (rate === undefined || unit === undefined) return undefined;
  return Number(rate) * unit * (type.beatUnitDot ? 1.5 : 1);
}
