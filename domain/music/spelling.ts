import { Note } from "tonal";
import { Declined } from "./score.ts";

const letters = "FCGDAEB";
const letterSemitones = [5, 0, 7, 2, 9, 4, 11];
const accidentals: Readonly<Record<number, string>> = { [-2]: "bb", [-1]: "b", 0: "", 1: "#", 2: "x" };

export const modulo = (n: number, base: number): number => ((n % base) + base) % base;

/**
 * The MIDI number of a written pitch; beyond 0 to 127 too, so that it can be compared and counted with.
 * @throws {Declined} for text that is no pitch.
 */
export const midiOf = (pitch: string): number => parsed(pitch).height;

/**
 * Where a pitch or a note name stands on the line of fifths: C is 0, G 1, F -1, F# 6, Gb -6.
 * @throws {Declined} for text that is no pitch.
 */
export const fifthsOf = (name: string): number => parsed(name).coord[0];

/** The pitch class, 0 (C) to 11, of a place on the line of fifths. */
export const chromaOf = (fifths: number): number => modulo(fifths * 7, 12);

/** Sharps of a place on the line of fifths, or flats below 0. */
export const accidentalsOf = (fifths: number): number => Math.floor((fifths + 1) / 7);

/** The note name, without an octave, at a place on the line of fifths. */
export const nameOf = (fifths: number): string =>
  `${letters[modulo(fifths + 1, 7)]}${accidentals[accidentalsOf(fifths)] ?? "?"}`;

/** The written pitch that sounds as this MIDI number and is spelled as this place on the line of fifths. */
export function pitchAt(fifths: number, midi: number): string {
  const natural = midi - accidentalsOf(fifths) - (letterSemitones[modulo(fifths + 1, 7)] ?? 0);
  return `${nameOf(fifths)}${natural / 12 - 1}`;
}

function parsed(name: string) {
  const note = Note.get(name);
  if (note.empty) throw new Declined(`'${name}' is not a pitch.`);
  return note;
}
