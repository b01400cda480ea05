import type { Pitch, Transpose } from "musicxml-io";
import { Declined } from "../../domain/music/score.ts";
import { accidentalsOf, fifthsOf, midiOf, modulo, pitchAt } from "../../domain/music/spelling.ts";
import { signOf } from "./accidentals.ts";

/** How much higher an instrument sounds than it is written, in semitones and on the line of fifths. */
export interface Transposition {
  readonly semitones: number;
  readonly fifths: number;
}

/** @throws {Declined} for an interval that no instrument has */
export function transpositionOf({ diatonic, chromatic, octaveChange = 0 }: Transpose): Transposition {
  const semitones = chromatic + 12 * octaveChange;
  // The letters between the two may be left out, which the parser gives as 0.
  const unsaid = diatonic === 0 && chromatic % 12 !== 0;
  const fifths = unsaid ? modulo(7 * chromatic + 5, 12) - 5 : 7 * chromatic - 12 * diatonic;
  if (!Number.isInteger(semitones) || Math.abs(semitones) > 60 || Math.abs(fifths) > 12)
    throw new Declined("The transposition of an instrument cannot be read.");
  return { semitones, fifths };
}

/** @throws {Declined} for a pitch that cannot be written with a letter, two accidentals and an octave of 0 to 9 */
export function soundingPitch(
  { step, alter = 0, octave }: Pitch,
  { semitones, fifths }: Transposition,
): string {
  const accidental = signOf(alter);
  if (!/^[A-G]$/.test(step) || !Number.isInteger(octave) || octave < 0 || octave > 9)
    throw new Declined("A pitch is not a letter A to G with an octave from 0 to 9.");
  if (accidental === undefined) throw new Declined("Quarter tones and triple accidentals are not accepted.");
  const written = `${step}${accidental}${octave}`;
  if (semitones === 0 && fifths === 0) return written;
  return pitchAt(readable(fifthsOf(written) + fifths), midiOf(written) + semitones);
}

/** The sounding key of a transposing instrument, with at most seven sharps or flats. */
export function soundingFifths(written: number, { fifths }: Transposition): number {
  const sounding = written + fifths;
  if (Math.abs(sounding) <= 7) return sounding;
  return sounding > 0 ? sounding - 12 : sounding + 12;
}

/** The same note under another name where it would need a third accidental. */
function readable(fifths: number): number {
  const count = accidentalsOf(fifths);
  if (Math.abs(count) <= 2) return fifths;
  return count > 0 ? fifths - 12 : fifths + 12;
}
