/** Ticks in a quarter note: whole for every note down to a 128th, and for triplets, quintuplets and septuplets of them. */
export const ticksPerQuarter = 10_080;

/** One sounding note. Tied notes are one; notes that begin together are a chord. */
export interface Note {
  /** As written, in scientific notation: `C4` is middle C, `F#5`, `Bb3`, `Cx4`. */
  readonly pitch: string;
  /** Ticks from the beginning of the score. */
  readonly onset: number;
  /** Ticks; more than 0. */
  readonly duration: number;
}

/** One line of a score, or one instrument. */
export interface Part {
  readonly name: string;
  /** By onset, then from low to high. */
  readonly notes: readonly Note[];
}

export interface Measure {
  /** As printed; `0` for an upbeat. */
  readonly number: string;
  readonly onset: number;
  readonly duration: number;
}

export interface TimeSignature {
  readonly onset: number;
  readonly beats: number;
  readonly beatType: number;
}

export interface KeySignature {
  readonly onset: number;
  /** Sharps, or flats below 0; -7 to 7. */
  readonly fifths: number;
  readonly mode?: "major" | "minor";
}

export interface Tempo {
  readonly onset: number;
  /** Quarter notes a minute. */
  readonly bpm: number;
  /** As printed, such as `Allegro`. */
  readonly text?: string;
}

/** A piece of music as plain data, whatever format it came in. */
export interface Score {
  readonly title: string;
  readonly composer?: string;
  readonly parts: readonly Part[];
  /** All of them, in order, without gaps. */
  readonly measures: readonly Measure[];
  /** The first one is at 0. */
  readonly timeSignatures: readonly TimeSignature[];
  readonly keySignatures: readonly KeySignature[];
  readonly tempos: readonly Tempo[];
}

/** What a tool says where it declines: a sentence for the person who asked. */
export class Declined extends Error {
  override readonly name = "Declined";
}
