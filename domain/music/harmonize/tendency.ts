import type { Chord } from "./chord.ts";

/** The obligation of a voice that moves from a chord to the next. */
export type Tendency = "leading_tone" | "seventh";

/**
 * The obligation that a voice breaks by going from one MIDI number to another, if any. A leading tone rises to its
 * tonic, a seventh falls by step; both may wait where the next chord holds them.
 */
export function brokenTendency(from: number, to: number, chord: Chord, next: Chord): Tendency | undefined {
  if (chord === next) return undefined;
  const chroma = from % 12;
  if (chroma === chord.leadingTone && !leadsOn(from, to, next)) return "leading_tone";
  if (chroma === chord.seventh && !fallsByStep(from, to, chord, next)) return "seventh";
  return undefined;
}

function leadsOn(from: number, to: number, next: Chord): boolean {
  const chroma = from % 12;
  if (next.leadingTone === chroma) return true;
  if (next.chromas.includes(chroma) && to === from) return true;
  // In a chain of dominants it may fall a semitone instead, into the next seventh.
  if (next.leadingTone !== undefined && to === from - 1 && next.seventh === to % 12) return true;
  return next.chromas.includes((chroma + 1) % 12) ? to === from + 1 : Math.abs(to - from) <= 2;
}

function fallsByStep(from: number, to: number, chord: Chord, next: Chord): boolean {
  if (next.seventh === chord.seventh && next.chromas[0] === chord.chromas[0]) return true;
  if (to === from) return next.chromas.includes(from % 12);
  return to === from - 1 || to === from - 2;
}
