import type { Key } from "../key.ts";
import { chromaOf, fifthsOf } from "../spelling.ts";
import type { RootedChord } from "./candidates.ts";
import type { Window } from "./windows.ts";

/**
 * A lone melody that falls from the second degree to the tonic implies V–I: its second degree is the fifth of V, and
 * no chord of the second degree unless another note of that chord sounds.
 */
export function impliedDominants(
  windows: readonly Window[],
  path: readonly RootedChord[],
  key: Key,
): readonly RootedChord[] {
  const tonic = chromaOf(fifthsOf(key.tonic));
  const second = (tonic + 2) % 12;
  const heard = [...path];
  for (let index = path.length - 2; index >= 0; index--) {
    const [window, chord, next] = [windows[index], heard[index], heard[index + 1]];
    const leads = next?.root === tonic || (next?.root === (tonic + 7) % 12 && next !== path[index + 1]);
    if (!window || chord?.root !== second || !leads) continue;
    if (isFall(window, second, tonic)) heard[index] = { root: (tonic + 7) % 12, kind: "major" };
  }
  return heard;
}

/** One voice that sings the second degree, and nothing else but the tonic that it passes to. */
function isFall({ shares, voices }: Window, second: number, tonic: number): boolean {
  const sounding = [...shares.keys()].filter((chroma) => (shares[chroma] ?? 0) > 0);
  return (
    voices < 2 && sounding.includes(second) && sounding.every((each) => each === second || each === tonic)
  );
}
