import { shortened } from "../../domain/music/notation-text.ts";
import {
  type KeySignature,
  type Tempo,
  type TimeSignature,
  ticksPerQuarter,
} from "../../domain/music/score.ts";
import { fifthsOf, nameOf } from "../../domain/music/spelling.ts";

export const wholeNote = 4 * ticksPerQuarter;

const modes: Readonly<Record<string, number>> = {
  "": 0,
  maj: 0,
  ion: 0,
  mix: -1,
  dor: -2,
  m: -3,
  min: -3,
  aeo: -3,
  phr: -4,
  loc: -5,
  lyd: 1,
};

const alters: Readonly<Record<string, number>> = { "^": 1, "^^": 2, _: -1, __: -2, "=": 0 };

export const alterOf = (accidental: string): number => alters[accidental] ?? 0;

export interface AbcKey extends Omit<KeySignature, "onset"> {
  /** By letter; those without one are natural. */
  readonly alters: ReadonlyMap<string, number>;
}

/** `K:` such as `Em`, `Bb`, `D mixolydian`, `A phr ^c`; undefined for what is none of these. */
export function keyField(text: string): AbcKey | undefined {
  const [tonic = "", ...words] = text
    .trim()
    .split(/\s+/)
    .filter((word) => !/[=]/.test(word) || /^=[a-g]$/i.test(word));
  if (tonic === "" || tonic === "none") return { fifths: 0, alters: new Map() };
  const [, name, joined = ""] = /^([A-G][#b]?)([A-Za-z]*)$/.exec(tonic) ?? [];
  const apart = joined === "" && /^[a-z]+$/i.test(words[0] ?? "") && modeOf(words[0]) !== undefined;
  const mode = modeOf(apart ? words.shift() : joined);
  if (name === undefined || mode === undefined) return undefined;
  const shift = modes[mode] ?? 0;
  const fifths = fifthsOf(name) + shift;
  const single = words.filter((word) => /^[\^_=]/.test(word));
  if (
    Math.abs(fifths) > 7 ||
    words.includes("exp") ||
    !single.every((word) => /^(\^{1,2}|_{1,2}|=)[a-g]$/i.test(word))
  )
    return undefined;
  const known = { 0: "major", [-3]: "minor" } as const;
  const plain = mode === "" || mode === "maj" || mode === "m" || mode === "min";
  return {
    fifths,
    alters: new Map([...altersOf(fifths), ...single.map(singleAlter)]),
    ...(plain && (shift === 0 || shift === -3) ? { mode: known[shift] } : {}),
  };
}

/** The first three letters of a mode count, in any case. */
function modeOf(word = ""): string | undefined {
  const mode = word === "m" ? "m" : word.toLowerCase().slice(0, 3);
  return Object.hasOwn(modes, mode) ? mode : undefined;
}

function altersOf(fifths: number): [string, number][] {
  const letters = [-1, 0, 1, 2, 3, 4, 5].map(nameOf);
  const sharps = fifths > 0 ? letters.slice(0, fifths) : letters.slice(fifths + 7);
  return sharps.map((letter) => [letter, fifths > 0 ? 1 : -1]);
}

const singleAlter = (word: string): [string, number] => [
  word.slice(-1).toUpperCase(),
  alterOf(word.slice(0, -1)),
];

/** `M:`; `none` for free meter, undefined for what is no meter. */
export function meterField(text: string): Omit<TimeSignature, "onset"> | "none" | undefined {
  const meter = text.trim();
  if (meter === "none" || meter === "") return "none";
  if (meter === "C") return { beats: 4, beatType: 4 };
  if (meter === "C|") return { beats: 2, beatType: 2 };
  const [, sum = "", type] = /^\(?(\d{1,2}(?:\+\d{1,2}){0,9})\)?\/(1|2|4|8|16|32|64)$/.exec(meter) ?? [];
  const beats = sum.split("+").reduce((total, part) => total + Number(part), 0);
  return type === undefined || beats < 1 || beats > 99 ? undefined : { beats, beatType: Number(type) };
}

/** `L:` in ticks; undefined for what is no length. */
export function lengthField(text: string): number | undefined {
  const [, over = "", under = ""] = /^\s*(\d{1,2})(?:\/(\d{1,3}))?\s*$/.exec(text) ?? [];
  const ticks = (Number(over) * wholeNote) / Number(under || "1");
  return Number.isInteger(ticks) && ticks > 0 ? ticks : undefined;
}

/** `Q:` such as `"Allegro" 1/4=120`, or `120` of the unit length; undefined where it says no number. */
export function tempoField(text: string, unit: number): Omit<Tempo, "onset"> | undefined {
  const words = /"([^"]*)"/.exec(text)?.[1]?.trim();
  const rest = text.replace(/"[^"]*"/g, " ");
  const [beat = "", rate = ""] = rest.includes("=") ? rest.split("=") : ["", rest];
  const fractions = [...beat.matchAll(/(\d{1,3})\/(\d{1,3})/g)];
  const length = fractions.reduce(
    (sum, [, over, under]) => sum + (Number(over) * wholeNote) / Number(under),
    0,
  );
  const bpm = (Number(/\d{1,4}(?:\.\d{1,3})?/.exec(rate)?.[0]) * (length || unit)) / ticksPerQuarter;
  return bpm > 0 && bpm <= 1000 ? { bpm, ...(words ? { text: shortened(words) } : {}) } : undefined;
}
