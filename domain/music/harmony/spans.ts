import type { Key } from "../key.ts";
import { chromaOf, fifthsOf } from "../spelling.ts";
import type { RootedChord } from "./candidates.ts";
import { type ChordKind, chordTypes } from "./chord-types.ts";
import type { Window } from "./windows.ts";

/** A chord as long as it lasts within a measure. */
export interface ChordSpan {
  readonly start: number;
  readonly end: number;
  /** The index of its measure. */
  readonly measure: number;
  readonly strength: number;
  /** The root as spelled, as a place on the line of fifths. */
  readonly root: number;
  readonly kind: ChordKind;
  /** The bass as spelled, as a place on the line of fifths. */
  readonly bass: number;
  /** 0 for the root in the bass, 1 for the third, 2 for the fifth, 3 for the seventh. */
  readonly inversion: number;
  /** The spelling of each of its pitch classes, from C; the ones it does not sound too. */
  readonly spelling: (chroma: number) => number;
  readonly sounds: (chroma: number) => boolean;
}

/** Fifths from the tonic at which each chromatic degree is written where the score does not say: Db, Eb, F#, Ab, Bb in C. */
const usualFifths = [0, -5, 2, -3, 4, -1, 6, 1, -4, 3, -2, 5];

/** Joins the windows of one chord; a new measure, or a new bass under the whole chord, begins another span. */
export function spansOf(
  windows: readonly Window[],
  path: readonly RootedChord[],
  key: Key,
): readonly ChordSpan[] {
  const groups: { chord: RootedChord; windows: Window[] }[] = [];
  windows.forEach((window, index) => {
    const chord = path[index];
    const current = groups.at(-1);
    if (!chord) return;
    if (current && continues(current, chord, window)) current.windows.push(window);
    else groups.push({ chord, windows: [window] });
  });
  return groups.flatMap((group) => spanOf(group.chord, group.windows, key) ?? []);
}

function continues(
  current: { readonly chord: RootedChord; readonly windows: readonly Window[] },
  chord: RootedChord,
  window: Window,
): boolean {
  const [first] = current.windows;
  if (!first || first.measure !== window.measure) return false;
  if (current.chord.root !== chord.root || current.chord.kind !== chord.kind) return false;
  return !hasNewBass(first, window, chord);
}

/** A broken chord that climbs off its bass is no inversion: the bass counts where the texture is as full as before. */
function hasNewBass(before: Window, window: Window, chord: RootedChord): boolean {
  if (before.bass === undefined || window.bass === undefined || before.voices < 3 || window.voices < 3)
    return false;
  const { chroma, midi } = window.bass;
  return chroma !== before.bass.chroma && midi - before.bass.midi < 12 && toneIndex(chord, chroma) >= 0;
}

function spanOf(chord: RootedChord, windows: readonly Window[], key: Key): ChordSpan | undefined {
  const [first] = windows;
  const last = windows.at(-1);
  if (!first || !last) return undefined;
  const tonic = fifthsOf(key.tonic);
  const spelling = (chroma: number) =>
    windows.find(({ spellings }) => spellings.has(chroma))?.spellings.get(chroma) ??
    tonic + (usualFifths[(chroma - chromaOf(tonic) + 12) % 12] ?? 0);
  const root = rootOf(chord, spelling);
  const basses = windows.flatMap(({ bass }) => (bass === undefined ? [] : [bass.fifths]));
  const rooted = { ...chord, root: chromaOf(root) };
  const bass = basses.find((fifths) => toneIndex(rooted, chromaOf(fifths)) >= 0) ?? root;
  return {
    start: first.onset,
    end: last.end,
    measure: first.measure,
    strength: first.strength,
    root,
    kind: chord.kind,
    bass,
    inversion: toneIndex(rooted, chromaOf(bass)),
    spelling,
    sounds: (chroma) => windows.some(({ shares }) => (shares[chroma] ?? 0) > 0),
  };
}

const toneIndex = ({ root, kind }: RootedChord, chroma: number): number =>
  chordTypes[kind].tones.findIndex((tone) => (root + tone) % 12 === chroma);

/**
 * Any note of a diminished seventh chord or augmented triad could be its root, and only the spelling tells: stacked in
 * thirds, the root is the sharpest note of the former and the flattest of the latter.
 */
function rootOf({ root, kind }: RootedChord, spelling: (chroma: number) => number): number {
  const spelled = chordTypes[kind].tones.map((tone) => spelling((root + tone) % 12));
  if (kind === "dim7") return Math.max(...spelled);
  if (kind === "aug") return Math.min(...spelled);
  return spelling(root);
}
