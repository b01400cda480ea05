import { Note } from "tonal";
import type { Cantus } from "./cantus.ts";
import { price, type RuleSet, type VoicePosition } from "./rules.ts";
import { isConsonant, isPerfect, type Tone, toneOf } from "./tone.ts";

/** A note that may sound against a note of the cantus. */
export interface Candidate {
  readonly tone: Tone;
  /** Of the interval and its place, whatever comes before. */
  readonly cost: number;
  /** Letters between the voices within the octave: 0 for an octave, 2 for a third. */
  readonly interval: number;
  readonly isPerfect: boolean;
}

type Place = "end" | "inner" | "penultimate";

/** Semitones of a twelfth: no voice goes further from the other. */
const furthest = 19;
const tenth = 16;

/** For every note of the cantus the notes that may sound with it, from low to high. */
export function candidatesOf(cantus: Cantus, position: VoicePosition, ruleSet: RuleSet): Candidate[][] {
  const known = new Map<string, Candidate[]>();
  const inMode = inAllOctaves(cantus.scale);
  const atClose = inAllOctaves([...new Set([...cantus.scale, cantus.leadingTone])]);
  const last = cantus.tones.length - 1;
  return cantus.tones.map((against, index) => {
    const place = index === 0 || index === last ? "end" : index === last - 1 ? "penultimate" : "inner";
    const key = `${against.pitch} ${place}`;
    const found = known.get(key) ?? allAgainst(against, place);
    known.set(key, found);
    return found;
  });

  function allAgainst(cantusTone: Tone, place: Place): Candidate[] {
    return (place === "penultimate" ? atClose : inMode).flatMap((tone) => {
      const [low, high] = position === "above" ? [cantusTone, tone] : [tone, cantusTone];
      if (high.midi - low.midi > furthest || !isConsonant(low, high)) return [];
      const closes = isClose(tone, low, high);
      const cost =
        intervalCost(low, high, place) +
        (place === "penultimate" && !closes ? price("penultimate", ruleSet) : 0);
      const interval = (high.step - low.step) % 7;
      return Number.isFinite(cost) ? [{ tone, cost, interval, isPerfect: isPerfect(low, high) }] : [];
    });
  }

  /** Whether the leading tone makes a major sixth above the cantus, or a minor third or tenth below it. */
  function isClose({ pitch }: Tone, low: Tone, high: Tone): boolean {
    const semitones = (high.midi - low.midi) % 12;
    return Note.pitchClass(pitch) === cantus.leadingTone && semitones === (position === "above" ? 9 : 3);
  }

  function intervalCost(low: Tone, high: Tone, place: Place): number {
    const width = high.midi - low.midi;
    if (place !== "end") {
      const unison = width === 0 ? price("inner_unison", ruleSet) : 0;
      return unison + (isPerfect(low, high) ? 0.7 : 0) + (width > tenth ? 1 : 0);
    }
    if (width % 12 === 0) return 0;
    return isPerfect(low, high) && position === "above" ? 0.5 : Number.POSITIVE_INFINITY;
  }
}

/** From low to high. */
function inAllOctaves(names: readonly string[]): Tone[] {
  const octaves = [...Array(11).keys()].map((octave) => octave - 1);
  return octaves
    .flatMap((octave) => names.map((name) => toneOf(`${name.replace("##", "x")}${octave}`)))
    .sort((one, other) => one.midi - other.midi);
}
