import fc from "fast-check";
import { expect, it } from "vitest";
import { library } from "../../../domain/music/library/index.ts";
import { type Measure, type Note, ticksPerQuarter as q, type Score } from "../../../domain/music/score.ts";
import { midiOf } from "../../../domain/music/spelling.ts";
import { readScore } from "../../../infrastructure/score-formats/read-score.ts";
import { writeMusicXml } from "../../../infrastructure/score-formats/write-musicxml.ts";

const text = fc.oneof(
  fc.constantFrom("Trio", "A & B", '<b>"x"</b>', "Ünï 𝄞", "&amp;lt;", "]]>", "<!-- -->"),
  fc
    .string({ minLength: 1, maxLength: 12, unit: "binary" })
    .map((drawn) => drawn.toWellFormed())
    .filter(isPlain),
);

function isPlain(drawn: string): boolean {
  return drawn.trim() === drawn && drawn !== "" && !/[\p{Cc}\uFFFE\uFFFF]/u.test(drawn);
}

const pitch = fc
  .tuple(
    fc.constantFrom(..."CDEFGAB"),
    fc.constantFrom("", "#", "b", "x", "bb"),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([letter, sign, octave]) => `${letter}${sign}${octave}`);

const grid = fc.constantFrom(q / 8, q / 3, q / 4, q / 5, q / 7, q / 2, q);

/** Mostly lengths that musicians write, sometimes any. */
const length = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(grid, fc.integer({ min: 1, max: 12 })).map(([unit, count]) => unit * count),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 8 * q }) },
);

const onset = (end: number) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.tuple(grid, fc.nat(400)).map(([unit, count]) => (unit * count) % end) },
    { weight: 1, arbitrary: fc.nat(end - 1) },
  );

/** Few pitches, so that they meet in several voices, of which there may be 16. */
const notes = (end: number, min: number) =>
  fc
    .tuple(
      fc.array(pitch, { minLength: 1, maxLength: 5 }),
      fc.array(fc.tuple(fc.nat(4), onset(end), length), { minLength: min, maxLength: 16 }),
    )
    .map(([pitches, drawn]) =>
      drawn
        .map(([index, start, ticks]): Note => {
          const chosen = pitches[index % pitches.length] ?? "C4";
          return { pitch: chosen, onset: start, duration: Math.min(ticks, end - start) };
        })
        .sort(inOrder),
    );

function inOrder(a: Note, b: Note): number {
  const name = a.pitch < b.pitch ? -1 : Number(a.pitch > b.pitch);
  return a.onset - b.onset || midiOf(a.pitch) - midiOf(b.pitch) || name || a.duration - b.duration;
}

const meter = fc.record({ beats: fc.integer({ min: 1, max: 13 }), beatType: fc.constantFrom(2, 4, 8, 16) });
const key = fc.record(
  { fifths: fc.integer({ min: -7, max: 7 }), mode: fc.constantFrom("major" as const, "minor" as const) },
  { requiredKeys: ["fifths"] },
);
const tempo = fc.record(
  { bpm: fc.integer({ min: 40, max: 960 }).map((quarter) => quarter / 4), text },
  { requiredKeys: ["bpm"] },
);

/** Items of one kind at different places, of which none says again what the one before it said. */
const placed = <Item extends object>(item: fc.Arbitrary<Item>, end: number) =>
  fc.uniqueArray(fc.tuple(onset(end), item), { maxLength: 4, selector: ([at]) => at }).map((drawn) =>
    drawn
      .sort(([a], [b]) => a - b)
      .filter(([, value], index, all) => JSON.stringify(value) !== JSON.stringify(all[index - 1]?.[1]))
      .map(([at, value]) => ({ onset: at, ...value })),
  );

const skeleton = fc
  .tuple(
    fc.array(fc.tuple(meter, fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([drawn, upbeat]) => {
    const measures: Measure[] = upbeat ? [{ number: "0", onset: 0, duration: q / 4 }] : [];
    const timeSignatures: Score["timeSignatures"][number][] = [];
    let end = upbeat ? q / 4 : 0;
    for (const [index, [{ beats, beatType }, count]] of drawn.entries()) {
      const last = timeSignatures.at(-1);
      if (last?.beats !== beats || last.beatType !== beatType)
        timeSignatures.push({ onset: index === 0 ? 0 : end, beats, beatType });
      for (let measure = 0; measure < count; measure += 1) {
        const duration = (beats * 4 * q) / beatType;
        measures.push({ number: String(measures.length + (upbeat ? 0 : 1)), onset: end, duration });
        end += duration;
      }
    }
    return { measures, timeSignatures, end };
  });

const score: fc.Arbitrary<Score> = skeleton.chain(({ measures, timeSignatures, end }) =>
  fc.record(
    {
      title: text,
      composer: text,
      parts: fc
        .tuple(
          notes(end, 1),
          fc.array(notes(end, 0), { maxLength: 2 }),
          fc.array(text, { minLength: 3, maxLength: 3 }),
        )
        .map(([first, others, names]) =>
          [first, ...others].map((line, index) => ({ name: names[index] ?? "", notes: line })),
        ),
      measures: fc.constant(measures),
      timeSignatures: fc.constant(timeSignatures),
      keySignatures: placed(key, end),
      tempos: placed(tempo, end),
    },
    { requiredKeys: ["title", "parts", "measures", "timeSignatures", "keySignatures", "tempos"] },
  ),
);

it("what is written is read as it was", () => {
  fc.assert(
    fc.property(score, (original) => {
      expect(readScore(writeMusicXml(original))).toEqual({ score: original, format: "musicxml" });
    }),
    { numRuns: 150 },
  );
});

it.each([...library])("%s too", (_, original) => {
  expect(readScore(writeMusicXml(original)).score).toEqual(original);
});
