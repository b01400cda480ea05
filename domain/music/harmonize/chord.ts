import { Note } from "tonal";

/** Semitones and letter names above the root. */
const qualities = {
  M: { intervals: ["1P", "3M", "5P"], symbol: "", mark: "" },
  m: { intervals: ["1P", "3m", "5P"], symbol: "m", mark: "" },
  dim: { intervals: ["1P", "3m", "5d"], symbol: "dim", mark: "o" },
  "7": { intervals: ["1P", "3M", "5P", "7m"], symbol: "7", mark: "" },
  maj7: { intervals: ["1P", "3M", "5P", "7M"], symbol: "maj7", mark: "M" },
  m7: { intervals: ["1P", "3m", "5P", "7m"], symbol: "m7", mark: "" },
  m7b5: { intervals: ["1P", "3m", "5d", "7m"], symbol: "m7b5", mark: "ø" },
  "6": { intervals: ["1P", "3M", "5P", "6M"], symbol: "6", mark: "add" },
  m6: { intervals: ["1P", "3m", "5P", "6M"], symbol: "m6", mark: "add" },
} as const;

type Quality = keyof typeof qualities;

const degrees: Readonly<Record<string, number>> = { I: 1, II: 2, III: 3, IV: 4, V: 5, VI: 6, VII: 7 };

/** A chord of a style, relative to the tonic. */
export interface ChordType {
  /** Without figures, such as `ii` or `bVII`. */
  readonly numeral: string;
  /** From the tonic to the root, such as `2M`. */
  readonly root: string;
  readonly quality: Quality;
  /** How far it is from the ordinary; 0 for the plain chords of the style. */
  readonly cost: number;
  /** Which chord tones may be in the bass; 0 is the root. */
  readonly inversions: readonly number[];
  /** For an applied dominant: the numeral that it leads to. */
  readonly of?: string;
}

/** A chord of a key. */
export interface Chord extends ChordType {
  /** Names without octave, from the root up. */
  readonly tones: readonly string[];
  /** Semitones above C by tone. */
  readonly chromas: readonly number[];
  /** Of the scale, 1 to 7. */
  readonly degree: number;
  /** The degree that an applied dominant leads to. */
  readonly target: number | undefined;
  /** Chroma of the tone that rises by a semitone, in dominants. */
  readonly leadingTone: number | undefined;
  /** Chroma of the tone that falls by step. */
  readonly seventh: number | undefined;
}

/** A row of a style's table of chords. */
export function chordType(
  numeral: string,
  root: string,
  quality: Quality,
  cost: number,
  inversions: readonly number[],
): ChordType {
  const [own = numeral, of] = numeral.split("/");
  return { numeral: own, root, quality, cost, inversions, ...(of === undefined ? {} : { of }) };
}

/** The chord on a tonic such as `Bb`. */
export function chordIn(tonic: string, type: ChordType): Chord {
  const root = Note.transpose(tonic, type.root);
  const tones = qualities[type.quality].intervals.map((interval) => Note.transpose(root, interval));
  const chromas = tones.map((tone) => Note.chroma(tone) ?? 0);
  const isAddedSixth = type.quality === "6" || type.quality === "m6";
  return {
    ...type,
    tones,
    chromas,
    degree: Number.parseInt(type.root, 10),
    target: type.of === undefined ? undefined : degrees[type.of.replace(/^b/, "").toUpperCase()],
    leadingTone: leadingToneOf(type, chromas),
    seventh: isAddedSixth ? undefined : chromas[3],
  };
}

/** Such as `G7/B`. */
export function chordName(chord: Chord, inversion: number): string {
  const [root, bass] = [chord.tones[0], chord.tones[inversion]];
  return `${root}${qualities[chord.quality].symbol}${inversion === 0 ? "" : `/${bass}`}`;
}

/** With figured bass, such as `V65/ii`. */
export function romanNumeral(chord: Chord, inversion: number): string {
  const isTriad = chord.tones.length === 3;
  const figures = (isTriad ? ["", "6", "64"] : [chord.seventh === undefined ? "6" : "7", "65", "43", "42"])[
    inversion
  ];
  return `${chord.numeral}${qualities[chord.quality].mark}${figures}${chord.of === undefined ? "" : `/${chord.of}`}`;
}

function leadingToneOf({ numeral, quality }: ChordType, chromas: readonly number[]): number | undefined {
  if (numeral === "V" && (quality === "M" || quality === "7")) return chromas[1];
  if (numeral === "vii") return chromas[0];
  return undefined;
}
