import { indexAt } from "../timeline.ts";
import type { SoundingNote } from "./sounding.ts";
import type { Window } from "./windows.ts";

/**
 * Finds how many notes sound at the onset of each window and, where it is more than one, which is the lowest. Yields
 * the fraction done.
 */
export function* setBasses(
  windows: readonly Window[],
  notes: readonly SoundingNote[],
): Generator<number, void> {
  setLowest(windows, notes);
  yield 0.5;
  let voices = 0;
  const changes = voiceChanges(windows, notes);
  windows.forEach((window, index) => {
    voices += changes[index] ?? 0;
    window.voices = voices;
    if (voices < 2) window.bass = undefined;
  });
}

/** Paints the windows with the notes from the lowest up; a window once painted is never visited again. */
function setLowest(windows: readonly Window[], notes: readonly SoundingNote[]): void {
  const next = Int32Array.from({ length: windows.length + 1 }, (_, index) => index);
  for (const note of notes.toSorted((a, b) => a.midi - b.midi)) {
    const [first, last] = soundsAtOnsets(windows, note);
    for (let index = root(next, first); index <= last; index = root(next, index)) {
      const window = windows[index];
      if (window) window.bass = note;
      next[index] = index + 1;
    }
  }
}

/** Follows the links to an entry that links to itself, and shortens them on the way. */
function root(next: Int32Array, from: number): number {
  let index = from;
  for (let to = next[index] ?? index; to !== index; to = next[index] ?? index) {
    next[index] = next[to] ?? to;
    index = to;
  }
  return index;
}

function voiceChanges(windows: readonly Window[], notes: readonly SoundingNote[]): Int32Array {
  const changes = new Int32Array(windows.length + 1);
  for (const note of notes) {
    const [first, last] = soundsAtOnsets(windows, note);
    if (first > last) continue;
    changes[first] = (changes[first] ?? 0) + 1;
    changes[last + 1] = (changes[last + 1] ?? 0) - 1;
  }
  return changes;
}

/** The first and the last window at whose onset a note sounds. */
function soundsAtOnsets(windows: readonly Window[], note: SoundingNote): readonly [number, number] {
  const struckIn = indexAt(windows, note.onset);
  const first = windows[struckIn]?.onset === note.onset ? struckIn : struckIn + 1;
  return [first, indexAt(windows, note.end - 1)];
}
