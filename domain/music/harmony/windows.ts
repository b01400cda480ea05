import { type Score, ticksPerQuarter } from "../score.ts";
import { indexAt } from "../timeline.ts";
import { metricPlace } from "./meter.ts";
import type { SoundingNote } from "./sounding.ts";

/** A stretch of time, a beat as a rule, that is heard as one chord. */
export interface Window {
  readonly onset: number;
  readonly end: number;
  /** The index of its measure. */
  readonly measure: number;
  /** 1 at the downbeat, less on weaker beats. */
  readonly strength: number;
  /** The share of each pitch class, from C, in what sounds; together 1. */
  readonly shares: Float64Array;
  /** The lowest note at its onset; a lone note is a melody and no bass. */
  bass: SoundingNote | undefined;
  /** Notes sounding at its onset. */
  voices: number;
  /** The spelling, as a place on the line of fifths, of each pitch class struck here. */
  readonly spellings: Map<number, number>;
}

const notesPerTurn = 500;
const windowsPerTurn = 500;
const onBeatWeight = 1.3;
const offBeatWeight = 0.9;
const ornamentWeight = 0.4;

/**
 * Cuts a score into beats, and finer where three different notes are struck together between beats. Beats in which
 * nothing begins belong to the one before, so there are never more windows than notes. Yields the fraction done.
 */
export function* windowsOf(
  score: Score,
  notes: readonly SoundingNote[],
): Generator<number, readonly Window[]> {
  const windows = yield* emptyWindows(score, notes);
  const held = windows.map(() => new Float64Array(12));
  for (const [index, note] of notes.entries()) {
    weigh(note, windows, held);
    if (index % notesPerTurn === 0) yield 0.5 + (0.3 * index) / notes.length;
  }
  yield* addHeld(windows, held);
  return windows;
}

function* emptyWindows(score: Score, notes: readonly SoundingNote[]): Generator<number, readonly Window[]> {
  const onsets = new Set<number>();
  const struck = new Map<number, Set<number>>();
  let end = 0;
  for (const [index, note] of notes.entries()) {
    onsets.add(metricPlace(score, note.onset).beat);
    const chromas = struck.get(note.onset) ?? new Set();
    struck.set(note.onset, chromas.add(note.chroma));
    end = Math.max(end, note.end);
    if (index % notesPerTurn === 0) yield (0.3 * index) / notes.length;
  }
  for (const [onset, chromas] of struck) if (chromas.size >= 3) onsets.add(onset);
  const sorted = [...onsets].sort((a, b) => a - b);
  const windows: Window[] = [];
  for (const [index, onset] of sorted.entries()) {
    windows.push(emptyWindow(score, onset, sorted[index + 1] ?? end));
    if (index % windowsPerTurn === 0) yield 0.3 + (0.2 * index) / sorted.length;
  }
  return windows;
}

const emptyWindow = (score: Score, onset: number, end: number): Window => ({
  onset,
  end,
  measure: Math.max(0, indexAt(score.measures, onset)),
  strength: metricPlace(score, onset).strength,
  shares: new Float64Array(12),
  bass: undefined,
  voices: 0,
  spellings: new Map(),
});

/** Counts a note in its first and last window, and notes in `held` where those lie between which it is held throughout. */
function weigh(note: SoundingNote, windows: readonly Window[], held: readonly Float64Array[]): void {
  const first = indexAt(windows, note.onset);
  const last = indexAt(windows, note.end - 1);
  const window = windows[first];
  const final = windows[last];
  if (!window || !final) return;
  add(window.shares, note.chroma, (Math.min(window.end, note.end) - note.onset) * weightOf(note, window));
  window.spellings.set(note.chroma, note.fifths);
  if (last === first) return;
  add(final.shares, note.chroma, note.end - final.onset);
  add(held[first + 1], note.chroma, 1);
  add(held[last], note.chroma, -1);
}

function weightOf(note: SoundingNote, window: Window): number {
  if (note.onset === window.onset) return onBeatWeight;
  const isShort = note.end - note.onset < ticksPerQuarter / 2;
  return note.isStepwise && isShort ? ornamentWeight : offBeatWeight;
}

function* addHeld(windows: readonly Window[], held: readonly Float64Array[]): Generator<number, void> {
  const holding = new Float64Array(12);
  for (const [index, { shares, onset, end }] of windows.entries()) {
    for (let chroma = 0; chroma < 12; chroma++) {
      add(holding, chroma, held[index]?.[chroma] ?? 0);
      add(shares, chroma, (holding[chroma] ?? 0) * (end - onset));
    }
    const sum = shares.reduce((total, share) => total + share, 0) || 1;
    for (let chroma = 0; chroma < 12; chroma++) shares[chroma] = (shares[chroma] ?? 0) / sum;
    if (index % windowsPerTurn === 0) yield 0.8 + (0.2 * index) / windows.length;
  }
}

function add(to: Float64Array | undefined, chroma: number, amount: number): void {
  if (to) to[chroma] = (to[chroma] ?? 0) + amount;
}
