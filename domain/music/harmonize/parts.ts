import type { Note, Part } from "../score.ts";
import { fifthsOf, pitchAt } from "../spelling.ts";
import type { Chord } from "./chord.ts";
import type { Span } from "./melody.ts";
import type { Voicing } from "./voicings.ts";

/** The melody and the three voices below it, with a note for each chord. */
export function fourParts(
  melody: readonly Note[],
  spans: readonly Span[],
  voicings: readonly Voicing[],
): Part[] {
  const lower = ["Alto", "Tenor", "Bass"].map((name, index) => ({
    name,
    notes: spans.flatMap(({ onset, duration }, at) => {
      const voicing = voicings[at];
      return voicing
        ? [{ pitch: spell(voicing.pitches[index + 1] ?? 0, voicing.chord), onset, duration }]
        : [];
    }),
  }));
  return [{ name: "Soprano", notes: melody }, ...lower];
}

/** The note of a chord at a MIDI number. */
function spell(midi: number, { tones, chromas }: Chord): string {
  return pitchAt(fifthsOf(tones[chromas.indexOf(midi % 12)] ?? "C"), midi);
}
