import type { ChordType } from "./chord.ts";

/** What one kind of music likes. Costs: 0 is the best, about 10 is out of style. */
export interface Style {
  /** The chords for a mode; `melody` holds the semitones above the tonic that the melody uses. */
  readonly chords: (mode: "major" | "minor", melody: ReadonlySet<number>) => readonly ChordType[];
  /** From a degree of the scale (row) to another (column), beginning with the first. */
  readonly progressions: readonly (readonly number[])[];
  /** By the degree that comes before the final tonic. */
  readonly cadence: readonly number[];
  /** By the degree that comes before that. */
  readonly approach: readonly number[];
  readonly allowsParallels: boolean;
}
