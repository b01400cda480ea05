import type { Key } from "../key.ts";

export interface ChordType {
  readonly quality: string;
  /** What follows the root in a chord name such as `Dm7`. */
  readonly symbol: string;
  /** Semitones above the root: root, third, fifth and, in a seventh chord, seventh. */
  readonly tones: readonly number[];
  /** The case of its roman numeral. */
  readonly numeralCase: "upper" | "lower";
  /** What stands between the roman numeral and the figures of its inversion. */
  readonly mark: string;
}

const upper = "upper";
const lower = "lower";

export const chordTypes = {
  major: { quality: "major", symbol: "", tones: [0, 4, 7], numeralCase: upper, mark: "" },
  minor: { quality: "minor", symbol: "m", tones: [0, 3, 7], numeralCase: lower, mark: "" },
  dim: { quality: "diminished", symbol: "dim", tones: [0, 3, 6], numeralCase: lower, mark: "o" },
  aug: { quality: "augmented", symbol: "aug", tones: [0, 4, 8], numeralCase: upper, mark: "+" },
  dom7: { quality: "dominant seventh", symbol: "7", tones: [0, 4, 7, 10], numeralCase: upper, mark: "" },
  maj7: { quality: "major seventh", symbol: "maj7", tones: [0, 4, 7, 11], numeralCase: upper, mark: "M" },
  min7: { quality: "minor seventh", symbol: "m7", tones: [0, 3, 7, 10], numeralCase: lower, mark: "" },
  hdim7: {
    quality: "half-diminished seventh",
    symbol: "m7b5",
    tones: [0, 3, 6, 10],
    numeralCase: lower,
    mark: "ø",
  },
  dim7: { quality: "diminished seventh", symbol: "dim7", tones: [0, 3, 6, 9], numeralCase: lower, mark: "o" },
} as const satisfies Record<string, ChordType>;

export type ChordKind = keyof typeof chordTypes;

export const chordKinds = Object.keys(chordTypes) as readonly ChordKind[];

/** The chords of a key by the semitones of their root above the tonic, the usual ones first. */
const diatonic: Readonly<Record<Key["mode"], Readonly<Record<number, readonly ChordKind[]>>>> = {
  major: {
    0: ["major", "maj7"],
    2: ["minor", "min7"],
    4: ["minor", "min7"],
    5: ["major", "maj7"],
    7: ["major", "dom7"],
    9: ["minor", "min7"],
    11: ["dim", "hdim7", "dim7"],
  },
  minor: {
    0: ["minor", "min7"],
    2: ["dim", "hdim7"],
    3: ["major", "maj7", "aug"],
    5: ["minor", "min7", "major"],
    7: ["major", "dom7", "minor"],
    8: ["major", "maj7"],
    10: ["major"],
    11: ["dim", "dim7"],
  },
};

/** The degrees, as semitones, that a secondary dominant can lead to, and their numerals. */
const tonicized: Readonly<Record<Key["mode"], Readonly<Record<number, string>>>> = {
  major: { 2: "ii", 4: "iii", 5: "IV", 7: "V", 9: "vi" },
  minor: { 3: "III", 5: "iv", 7: "V", 8: "VI", 10: "VII" },
};

export const isDiatonic = (mode: Key["mode"], degree: number, kind: ChordKind): boolean =>
  diatonic[mode][degree]?.includes(kind) ?? false;

/** The numeral of the chord for which a chord on this degree is the dominant or leading-note chord, if there is one. */
export function targetOf(mode: Key["mode"], degree: number, kind: ChordKind): string | undefined {
  if (isDiatonic(mode, degree, kind)) return undefined;
  if (kind === "dom7" || kind === "major") return tonicized[mode][(degree + 5) % 12];
  if (chordTypes[kind].mark === "o" || kind === "hdim7") return tonicized[mode][(degree + 1) % 12];
  return undefined;
}
