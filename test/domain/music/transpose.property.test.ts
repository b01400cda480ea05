import fc from "fast-check";
import { Interval, Note as TonalNote } from "tonal";
import { expect, it } from "vitest";
import type { Score } from "../../../domain/music/score.ts";
import { transposeScore } from "../../../domain/music/transpose.ts";
import { shortScore } from "./support.ts";

const pitch = fc
  .tuple(fc.constantFrom(..."CDEFGAB"), fc.constantFrom("", "#", "b"), fc.integer({ min: 3, max: 5 }))
  .map((parts) => parts.join(""));

const score = fc
  .record({
    pitches: fc.array(pitch, { minLength: 1, maxLength: 12 }),
    fifths: fc.option(fc.integer({ min: -7, max: 7 }), { nil: undefined }),
  })
  .map(({ pitches, fifths }) =>
    shortScore({ p: pitches.join(" ") }, { keys: fifths === undefined ? [] : [{ onset: 0, fifths }] }),
  );

const quality = { perfect: ["P", "A", "d"], imperfect: ["M", "m", "A", "d"] };
const interval = fc
  .tuple(fc.integer({ min: 1, max: 10 }), fc.nat(), fc.boolean())
  .map(([number, choice, down]) => {
    const qualities = [1, 4, 5, 8].includes(number) ? quality.perfect : quality.imperfect;
    return { name: `${qualities[choice % qualities.length]}${number}`, down };
  })
  .filter(({ name }) => name !== "d1")
  .map(({ name, down }) => ({
    name: `${down ? "-" : ""}${name}`,
    back: `${down ? "" : "-"}${name}`,
    semitones: Interval.get(name).semitones * (down ? -1 : 1),
  }));

const pitchesOf = ({ parts }: Score) => parts.flatMap(({ notes }) => notes.map((note) => note.pitch));
const midi = (pitch: string) => TonalNote.get(pitch).height;
/** Where the notes and key signatures stand on the line of fifths. */
const placesOf = (score: Score) => [
  ...pitchesOf(score).map((pitch) => TonalNote.get(pitch).coord?.[0] ?? Number.NaN),
  ...score.keySignatures.map(({ fifths }) => fifths),
];

it("always moves the sounding pitches by exactly the semitones", () => {
  fc.assert(
    fc.property(score, interval, (before, { name, semitones }) => {
      const after = transposeScore(before, { interval: name }).score;
      expect(pitchesOf(after).map(midi)).toEqual(pitchesOf(before).map((each) => midi(each) + semitones));
    }),
  );
});

it("moves by plain semitones too", () => {
  fc.assert(
    fc.property(score, fc.integer({ min: -24, max: 24 }), (before, semitones) => {
      const moved = transposeScore(before, { interval: `${semitones}` });
      expect(pitchesOf(moved.score).map(midi)).toEqual(
        pitchesOf(before).map((each) => midi(each) + semitones),
      );
      const named = Interval.get(moved.interval.replace("-", "")).semitones;
      expect(moved.interval.startsWith("-") ? -named : named).toBe(semitones);
    }),
  );
});

it("never writes a key signature of more than seven accidentals or a note with more than two", () => {
  fc.assert(
    fc.property(score, interval, (before, { name }) => {
      const after = transposeScore(before, { interval: name }).score;
      for (const { fifths } of after.keySignatures) expect(Math.abs(fifths)).toBeLessThanOrEqual(7);
      for (const each of pitchesOf(after)) expect(each).toMatch(/^[A-G](#|x|b|bb)?-?\d+$/);
    }),
  );
});

it("comes back to the same score where no note had to be respelled", () => {
  let returned = 0;
  const withSignature = score.filter(({ keySignatures }) => keySignatures.length > 0);
  fc.assert(
    fc.property(withSignature, interval, (before, { name, back }) => {
      const there = transposeScore(before, { interval: name }).score;
      const asked = (Interval.get(name.replace("-", "")).coord?.[0] ?? 0) * (name.startsWith("-") ? -1 : 1);
      const from = placesOf(before);
      fc.pre(placesOf(there).every((each, index) => each - (from[index] ?? 0) === asked));
      expect(transposeScore(there, { interval: back }).score).toEqual(before);
      returned += 1;
    }),
  );
  expect(returned).toBeGreaterThan(50);
});

it("comes back to the same sound in any case", () => {
  fc.assert(
    fc.property(score, interval, (before, { name, back }) => {
      const there = transposeScore(before, { interval: name }).score;
      const again = transposeScore(there, { interval: back }).score;
      expect(pitchesOf(again).map(midi)).toEqual(pitchesOf(before).map(midi));
    }),
  );
});
