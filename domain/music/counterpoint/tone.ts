import { Note } from "tonal";

/** A pitch as the rules see it. */
export interface Tone {
  /** In scientific notation. */
  readonly pitch: string;
  readonly midi: number;
  /** Letters above C0, so that a third is two steps however it is spelled. */
  readonly step: number;
}

export function toneOf(pitch: string): Tone {
  const { midi, height, step, oct } = Note.get(pitch);
  return { pitch, midi: midi ?? height, step: step + 7 * (oct ?? 0) };
}

/** Semitones of the consonances by letters apart, within the octave. */
const consonances: Readonly<Record<number, readonly number[]>> = { 0: [0], 2: [3, 4], 4: [7], 5: [8, 9] };

/** Whether the interval is a unison, third, fifth, sixth or octave, or one of these with octaves added. */
export function isConsonant(low: Tone, high: Tone): boolean {
  const steps = high.step - low.step;
  return steps >= 0 && (consonances[steps % 7]?.includes((high.midi - low.midi) % 12) ?? false);
}

/** Of a consonance. */
export function isPerfect(low: Tone, high: Tone): boolean {
  const steps = (high.step - low.step) % 7;
  return steps === 0 || steps === 4;
}

/** Semitones that a voice may move by, by letters: no tritone, no seventh, nothing augmented or beyond an octave. */
const melodicIntervals: readonly (readonly number[])[] = [[0], [1, 2], [3, 4], [5], [7], [8, 9], [], [12]];

export function isSingable(from: Tone, to: Tone): boolean {
  const sign = to.step < from.step ? -1 : 1;
  return melodicIntervals[sign * (to.step - from.step)]?.includes(sign * (to.midi - from.midi)) ?? false;
}
