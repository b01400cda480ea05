import type { Key } from "../key.ts";
import { candidatesIn, meritOf, type RootedChord } from "./candidates.ts";
import type { Window } from "./windows.ts";

const windowsPerTurn = 16;
/** How welcome it is that the root moves up by so many semitones: falling fifths and thirds, rising steps. */
const rootMotion = [0, 0.02, 0.05, -0.02, -0.02, 0.08, -0.03, 0.03, 0.03, 0.04, -0.04, 0];
const kindChange = 0.2;

/**
 * The chord of each window: of all sequences of chords, the one that fits best with what sounds, with the key, and
 * with how harmonies move (a Viterbi search). Yields the fraction done.
 */
export function* chordPath(windows: readonly Window[], key: Key): Generator<number, readonly RootedChord[]> {
  const candidates = candidatesIn(key);
  const cameFrom: Uint8Array[] = [];
  let scores = new Float64Array(candidates.length);
  for (const [index, window] of windows.entries()) {
    const from = new Uint8Array(candidates.length);
    const merits = candidates.map((candidate) => meritOf(candidate, window));
    scores = index === 0 ? Float64Array.from(merits) : advance(scores, merits, window, from);
    cameFrom.push(from);
    if (index % windowsPerTurn === 0) yield index / windows.length;
  }
  let best = scores.reduce((top, score, index) => (score > (scores[top] ?? 0) ? index : top), 0);
  const path = cameFrom.toReversed().map((from) => {
    const state = candidates[best];
    best = from[best] ?? best;
    return state;
  });
  return path.toReversed().filter((state) => state !== undefined);
}

function advance(
  before: Float64Array,
  merits: readonly number[],
  window: Window,
  from: Uint8Array,
): Float64Array<ArrayBuffer> {
  const bestOfRoot = new Uint8Array(12);
  const seen = new Uint8Array(12);
  before.forEach((score, index) => {
    const root = index % 12;
    if (seen[root] === 0 || score > (before[bestOfRoot[root] ?? 0] ?? 0)) bestOfRoot[root] = index;
    seen[root] = 1;
  });
  const change = 0.8 - 0.6 * window.strength;
  return Float64Array.from(merits, (merit, index) => {
    let source = index;
    let best = before[index] ?? 0;
    for (let root = 0; root < 12; root++) {
      const candidate = bestOfRoot[root] ?? 0;
      const motion = (index - root + 144) % 12;
      const cost = motion === 0 ? kindChange : change - (rootMotion[motion] ?? 0);
      const score = (before[candidate] ?? 0) - cost;
      if (score > best) [source, best] = [candidate, score];
    }
    from[index] = source;
    return best + merit;
  });
}
