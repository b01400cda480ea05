import * as fc from "fast-check";
import { Chord, Note } from "tonal";
import { describe, expect, it } from "vitest";
import { type HarmonizeOptions, harmonizeMelody } from "../../../domain/music/harmonize/harmonize.ts";
import { Declined } from "../../../domain/music/score.ts";
import { finish } from "./finish.ts";
import { shortScore } from "./support.ts";

const keys: readonly HarmonizeOptions["key"][] = [
  { tonic: "C", mode: "major" },
  { tonic: "A", mode: "minor" },
  { tonic: "Eb", mode: "major" },
  { tonic: "F#", mode: "minor" },
];

const scaleOf = ({ tonic, mode }: HarmonizeOptions["key"]) => {
  const intervals =
    mode === "major" ? ["2M", "3M", "4P", "5P", "6M", "7M"] : ["2M", "3m", "4P", "5P", "6m", "7m"];
  const names = ["1P", ...intervals].map((interval) => Note.transpose(tonic, interval));
  return [4, 5]
    .flatMap((octave) => names.map((name) => `${name}${octave}`))
    .filter((pitch) => inVoice(pitch));
};

const midi = (pitch: string) => Note.midi(pitch) ?? 0;
const inVoice = (pitch: string) => midi(pitch) >= 60 && midi(pitch) <= 81;

/** Melodies of a key, in quarters and eighths, mostly by step; they end with the tonic. */
const melody = fc
  .record({
    key: fc.constantFrom(...keys),
    start: fc.nat(7),
    moves: fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.constantFrom("1", "1", "2", "1/2")), {
      minLength: 1,
      maxLength: 16,
    }),
  })
  .map(({ key, start, moves }) => {
    const scale = scaleOf(key).toSorted((one, other) => midi(one) - midi(other));
    let place = start;
    const notes = moves.map(([move, length]) => {
      place = Math.min(scale.length - 1, Math.max(0, place + move));
      return `${scale[place]}:${length}`;
    });
    const tonic = scale.find((pitch) => Note.pitchClass(pitch) === key.tonic);
    return { key, line: [...notes, `${tonic}:2`].join(" ") };
  });

const ranges = [
  [60, 81],
  [53, 74],
  [48, 67],
  [40, 60],
] as const;

type Result = ReturnType<typeof attempt> & object;

function attempt(line: string, options: Omit<HarmonizeOptions, "voice_parts" | "include_explanations">) {
  try {
    const work = harmonizeMelody(shortScore({ Melody: line }), {
      ...options,
      voice_parts: 4,
      include_explanations: false,
    });
    return finish(work);
  } catch (error) {
    if (error instanceof Declined) return undefined;
    throw error;
  }
}

/** The four pitches that sound at each moment at which any voice begins a note. */
function moments({ score }: Result): number[][] {
  const onsets = new Set(score.parts.flatMap(({ notes }) => notes.map(({ onset }) => onset)));
  return [...onsets]
    .sort((one, other) => one - other)
    .map((tick) =>
      score.parts.map(({ notes }) => {
        const note = notes.find(({ onset, duration }) => onset <= tick && tick < onset + duration);
        return midi(note?.pitch ?? "");
      }),
    );
}

/** Faults counted on nothing but the sounding notes. */
function faultsOf(result: Result): Record<string, number> {
  const faults: Record<string, number> = {};
  const count = (fault: string) => {
    faults[fault] = (faults[fault] ?? 0) + 1;
  };
  let before: number[] | undefined;
  for (const now of moments(result)) {
    const [s = 0, a = 0, t = 0, b = 0] = now;
    if (!(s >= a && a >= t && t >= b)) count("crossing");
    if (s - a > 12 || a - t > 12) count("spacing");
    now.forEach((pitch, voice) => {
      const [low, high] = ranges[voice] ?? [0, 127];
      if (pitch < low || pitch > high) count("range");
      const above = before?.[voice - 1];
      const below = before?.[voice + 1];
      if ((above !== undefined && pitch > above) || (below !== undefined && pitch < below)) count("overlap");
    });
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 2],
      [1, 3],
      [2, 3],
    ] as const) {
      const [was, is] = [(before?.[i] ?? 0) - (before?.[j] ?? 0), (now[i] ?? 0) - (now[j] ?? 0)];
      const moved = before !== undefined && now[i] !== before[i] && now[j] !== before[j];
      const isSameWay = (now[i] ?? 0) > (before?.[i] ?? 0) === (now[j] ?? 0) > (before?.[j] ?? 0);
      if (moved && isSameWay && was % 12 === is % 12 && (is % 12 === 0 || is % 12 === 7)) count("parallel");
    }
    before = now;
  }
  return faults;
}

/** The notes that each lower voice has for each chord, with the chord as tonal reads its name. */
const chordsOf = ({ score, chord_progression, roman_numerals }: Result) =>
  chord_progression.map(({ chord }, index) => ({
    chord,
    numeral: roman_numerals[index] ?? "",
    tones: Chord.get(chord).notes.map((name) => Note.chroma(name)),
    lower: [1, 2, 3].map((voice) => score.parts[voice]?.notes[index]?.pitch ?? ""),
  }));

const each = (
  style: HarmonizeOptions["style"],
  judge: (result: Result, key: HarmonizeOptions["key"], line: string) => void,
) => {
  let harmonized = 0;
  fc.assert(
    fc.property(melody, ({ key, line }) => {
      const result = attempt(line, { style, key });
      if (!result) return;
      harmonized++;
      judge(result, key, line);
    }),
    { numRuns: 120 },
  );
  expect(harmonized).toBeGreaterThan(60);
};

const isReported = ({ voice_leading_quality: { violations } }: Result, rule: string) =>
  violations.some((violation) => violation.rule === rule);

describe.each(["classical", "jazz", "pop", "modal"] as const)(
  "harmonizeMelody in the style %s, for any melody",
  (style) => {
    it("is declined or has no crossings, overlaps or notes out of range, and tells of wide spacing and parallels", () =>
      each(style, (result) => {
        const { spacing = 0, parallel = 0, ...others } = faultsOf(result);
        expect(others).toEqual({});
        expect(spacing > 0).toBe(isReported(result, "spacing"));
        const told = isReported(result, "parallel_fifths") || isReported(result, "parallel_octaves");
        expect(parallel > 0).toBe(told);
        if (style === "classical" || style === "modal") expect(parallel).toBe(0);
      }));

    it("keeps the melody, and sings of each chord its tones and no others", () =>
      each(style, (result, _, line) => {
        expect(result.score.parts[0]?.notes).toEqual(shortScore({ Melody: line }).parts[0]?.notes);
        for (const { tones, lower, chord } of chordsOf(result)) {
          expect(tones.length, chord).toBeGreaterThanOrEqual(3);
          for (const pitch of lower) expect(tones, `${pitch} in ${chord}`).toContain(Note.chroma(pitch));
          const bass = chord.split("/")[1] ?? Chord.get(chord).tonic ?? "";
          expect(Note.pitchClass(lower[2] ?? "")).toBe(bass);
        }
      }));

    it("leads the leading tone of a dominant up where the tonic follows, and sevenths down, in the lower voices", () =>
      each(style, (result, key) => {
        const chords = chordsOf(result);
        const leading = ((Note.chroma(key.tonic) ?? 0) + 11) % 12;
        chords.slice(1).forEach((next, index) => {
          const { numeral, lower, tones, chord } = chords[index] ?? next;
          lower.forEach((pitch, voice) => {
            const [from, to] = [midi(pitch), midi(next.lower[voice] ?? "")];
            const isDominant = /^(V|vii)[^I]*$/.test(numeral) && !numeral.includes("/");
            if (isDominant && from % 12 === leading && /^[Ii](?![IiVv])/.test(next.numeral)) {
              expect(
                [from + 1, ...(next.tones.includes(leading) ? [from] : [])],
                `${chord} ${next.chord}`,
              ).toContain(to);
            }
            const isSeventh =
              /7/.test(chord) && from % 12 === tones[chord.includes("/") ? seventhAt(chord) : 3];
            if (
              isSeventh &&
              chord.split("/")[0] !== next.chord.split("/")[0] &&
              !isSameRoot(chord, next.chord)
            ) {
              expect([from, from - 1, from - 2], `${pitch} of ${chord} before ${next.chord}`).toContain(to);
            }
          });
        });
      }));
  },
);

/** Where tonal lists the seventh of a chord that does not stand on its root: it begins with the bass. */
function seventhAt(chord: string): number {
  const { notes } = Chord.get(chord);
  const plain = Chord.get(chord.split("/")[0] ?? "").notes;
  return notes.indexOf(plain[3] ?? "");
}

function isSameRoot(one: string, other: string): boolean {
  return Chord.get(one).root === Chord.get(other).root || Chord.get(one).tonic === Chord.get(other).tonic;
}
