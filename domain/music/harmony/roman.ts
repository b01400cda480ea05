import type { Key } from "../key.ts";
import { chromaOf, fifthsOf, modulo, nameOf } from "../spelling.ts";
import { chordTypes, targetOf } from "./chord-types.ts";
import type { ChordSpan } from "./spans.ts";

const numerals = ["I", "II", "III", "IV", "V", "VI", "VII"];
const scaleFifths = { major: [0, 2, 4, -1, 1, 3, 5], minor: [0, 2, -3, -1, 1, -4, -2] };
const triadFigures = ["", "6", "64"];
const seventhFigures = ["7", "65", "43", "42"];

/** Semitones of a chord's root above the tonic. */
export const degreeOf = ({ root }: ChordSpan, key: Key): number => chromaOf(root - fifthsOf(key.tonic));

/** The name of a chord with its bass, such as `G7/B`. */
export const chordName = ({ root, kind, bass, inversion }: ChordSpan): string =>
  `${nameOf(root)}${chordTypes[kind].symbol}${inversion === 0 ? "" : `/${nameOf(bass)}`}`;

/** The numeral of a chord in a key, with the figures of its inversion: `V65`, `viio6`, `V7/V`, `Ger65`. */
export function romanNumeral(chord: ChordSpan, next: ChordSpan | undefined, key: Key): string {
  const { mark, tones } = chordTypes[chord.kind];
  const figures = (tones.length > 3 ? seventhFigures : triadFigures)[chord.inversion] ?? "";
  if (isAugmentedSixth(chord, key)) return chord.sounds(chromaOf(chord.root + 1)) ? "Ger65" : "It6";
  const target = targetOf(key.mode, degreeOf(chord, key), chord.kind);
  if (target === undefined || isPicardy(chord, next, key))
    return `${plainNumeral(chord, key)}${mark}${figures}`;
  return `${chord.kind === "major" || chord.kind === "dom7" ? "V" : "vii"}${mark}${figures}/${target}`;
}

/** It sounds as a dominant seventh chord on the sixth degree, but its upper note is written as the raised fourth. */
export function isAugmentedSixth(chord: ChordSpan, key: Key): boolean {
  if (chord.kind !== "dom7" || chord.inversion !== 0 || degreeOf(chord, key) !== 8) return false;
  const raisedFourth = fifthsOf(key.tonic) + 6;
  return chord.spelling(chromaOf(raisedFourth)) === raisedFourth;
}

/** The major tonic of a minor key is a dominant of iv only where iv follows. */
const isPicardy = (chord: ChordSpan, next: ChordSpan | undefined, key: Key): boolean =>
  chord.kind === "major" && degreeOf(chord, key) === 0 && (next === undefined || degreeOf(next, key) !== 5);

function plainNumeral({ root, kind }: ChordSpan, key: Key): string {
  const fromTonic = root - fifthsOf(key.tonic);
  const step = modulo(fromTonic * 4, 7);
  const altered = (fromTonic - (scaleFifths[key.mode][step] ?? 0)) / 7;
  // In minor, viio is always on the leading note.
  const isLeading = key.mode === "minor" && step === 6 && altered === 1 && chordTypes[kind].mark === "o";
  const accidental = isLeading ? "" : (altered < 0 ? "b" : "#").repeat(Math.abs(altered));
  const numeral = numerals[step] ?? "";
  return `${accidental}${chordTypes[kind].numeralCase === "lower" ? numeral.toLowerCase() : numeral}`;
}
