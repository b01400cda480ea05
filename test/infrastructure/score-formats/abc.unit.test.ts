import { describe, expect, it } from "vitest";
import { ticksPerQuarter as q } from "../../../domain/music/score.ts";
import { readScore } from "../../../infrastructure/score-formats/read-score.ts";

const read = (text: string) => readScore(text).score;

const notesOf = (text: string) =>
  read(text).parts.map(({ notes }) =>
    notes.map(({ pitch, onset, duration }) => [pitch, onset / q, duration / q]),
  );

const pitches = (music: string, key = "C") =>
  read(`X:1\nL:1/4\nK:${key}\n${music}`).parts[0]?.notes.map(({ pitch }) => pitch);

const lengths = (music: string, meter = "4/4") =>
  read(`X:1\nM:${meter}\nL:1/8\nK:C\n${music}`).parts[0]?.notes.map(({ duration }) => duration / q);

describe("pitches", () => {
  it("are altered by the key, and by accidentals to the end of the measure, in all octaves", () => {
    expect(pitches("F =F f F | F", "G")).toEqual(["F#4", "F4", "F5", "F4", "F#4"]);
    expect(pitches("B, B b b' | ^^C __D")).toEqual(["B3", "B4", "B5", "B6", "Cx4", "Dbb4"]);
  });

  it.each([
    ["A mixolydian", "A4 B4 C#5 F#5 G5"],
    ["Amix", "A4 B4 C#5 F#5 G5"],
    ["G#m", "A#4 B4 C#5 F#5 G#5"],
    ["Ddor", "A4 B4 C5 F5 G5"],
    ["Bb clef=bass", "A4 Bb4 C5 F5 G5"],
    ["D _B ^g", "A4 Bb4 C#5 F#5 G#5"],
  ])("in %s", (key, expected) => {
    expect(pitches("A B c f g", key)?.join(" ")).toBe(expected);
  });

  it("keep their accidental over a tie", () => {
    expect(notesOf("X:1\nM:2/4\nL:1/4\nK:C\nC ^F- | F F")).toEqual([
      [
        ["C4", 0, 1],
        ["F#4", 1, 2],
        ["F4", 3, 1],
      ],
    ]);
  });
});

describe("lengths", () => {
  it("are multiples of the unit", () => {
    expect(lengths("C C2 C3/2 C/ C// C/4")).toEqual([0.5, 1, 0.75, 0.25, 0.125, 0.125]);
    expect(read("X:1\nM:2/4\nK:C\nC").parts[0]?.notes[0]?.duration).toBe(q / 4);
  });

  it("of a broken rhythm", () => {
    expect(lengths("C>D E<F G>>A")).toEqual([0.75, 0.25, 0.25, 0.75, 0.875, 0.125]);
  });

  it("of tuplets, also of chords, and in compound time", () => {
    expect(lengths("(3CDE (3[CE][DF][EG] F")).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1.5].map((n) => n / 3));
    expect(lengths("(5CDEFG", "6/8")).toEqual([0.3, 0.3, 0.3, 0.3, 0.3]);
    expect(lengths("(3:2:2 C2D E")).toEqual([2 / 3, 1 / 3, 0.5]);
  });
});

it("ties all notes of a chord", () => {
  expect(notesOf("X:1\nL:1/4\nK:C\n[CEG]4- | [CEG]")).toEqual([
    [
      ["C4", 0, 5],
      ["E4", 0, 5],
      ["G4", 0, 5],
    ],
  ]);
});

it("leaves out what is neither pitch nor length", () => {
  const music =
    'X:1\nL:1/4\nK:C\n|: "Am7"C {de}D !trill!~E (.F | vG) $ y "^dolce"A :| [1 B :|2 c |] % end\nw: la la\n';
  expect(pitches(music.split("K:C\n")[1] ?? "")).toEqual("C4 D4 E4 F4 G4 A4 B4 C5".split(" "));
});

it("lays a voice over another within a measure", () => {
  expect(notesOf("X:1\nL:1/4\nK:C\nc4 & E2 F2 | c4")).toEqual([
    [
      ["E4", 0, 2],
      ["C5", 0, 4],
      ["F4", 2, 2],
      ["C5", 4, 4],
    ],
  ]);
});

it("reads the header, with the tempo in its own beat", () => {
  const score = read('X:1\nT:Jig\nC:Trad.\nM:6/8\nL:1/8\nQ:"Lively" 3/8=120\nK:Em\nE | EFG EFG | E5 |]');
  expect(score).toMatchObject({
    title: "Jig",
    composer: "Trad.",
    timeSignatures: [{ onset: 0, beats: 6, beatType: 8 }],
    keySignatures: [{ onset: 0, fifths: 1, mode: "minor" }],
    tempos: [{ onset: 0, bpm: 180, text: "Lively" }],
  });
  expect(score.measures.map(({ number, duration }) => [number, duration / q])).toEqual([
    ["0", 0.5],
    ["1", 3],
    ["2", 2.5],
  ]);
});

it("reads voices, with their names, octaves, and rests of whole measures", () => {
  const score = read(`X:1
M:3/4
L:1/4
K:C
V:1 name="Violin I"
V:2 nm=Bass octave=-1
[V:1] c d e | Z2 | g3
V:2
C3 | D3 | E3 | F3`);
  expect(score.parts.map(({ name }) => name)).toEqual(["Violin I", "Bass"]);
  expect(score.parts[0]?.notes.at(-1)).toEqual({ pitch: "G5", onset: 9 * q, duration: 3 * q });
  expect(score.parts[1]?.notes[0]?.pitch).toBe("C3");
  expect(score.measures).toHaveLength(4);
});

it("changes key, meter and unit in the music", () => {
  const score = read("X:1\nM:4/4\nL:1/4\nK:C\nF4 |\nM:3/4\n[K:D] F3 | [L:1/8] F6");
  expect(score.parts[0]?.notes.map(({ pitch }) => pitch)).toEqual(["F4", "F#4", "F#4"]);
  expect(score.timeSignatures).toEqual([
    { onset: 0, beats: 4, beatType: 4 },
    { onset: 4 * q, beats: 3, beatType: 4 },
  ]);
  expect(score.keySignatures[1]).toEqual({ onset: 4 * q, fifths: 2, mode: "major" });
});

it.each([
  ["X:1\nT:No key\n", "The ABC has no field K:, behind which its music begins."],
  ["X:1\nCDEF\n", "Line 2, column 1: expected the field K: before the music."],
  ["K:H\nC", "Line 1, column 1: expected a key such as G, F#m or D dorian, found 'H'."],
  ["K:C\nC D ? E", "Line 2, column 5: expected a note, a chord, a rest or a bar line, found '?'."],
  ["K:C\n[CE", "Line 2, column 4: expected a note of the chord, or ']', found the end of the line."],
  ["K:C\n^z", "Line 2, column 2: expected a note after the accidental, found 'z'."],
  [
    "K:C\nC/0",
    "Line 2, column 4: expected a length that is neither nothing nor endless, found the end of the line.",
  ],
  ["K:C\n(11CDEFGABcdef", "Line 2, column 4: this length is too fine to be kept exactly."],
  ["X:1\nK:C\nC\nX:2\nK:C\nD", "Line 4, column 1: expected one tune, found a second X:."],
  ["K:C\nV:1\nC4|C4\nV:2\nC4|C2", "Measure 2 of voice 2 is not as long as in other voices."],
])("refuses %j", (text, message) => {
  expect(() => read(text)).toThrow(expect.objectContaining({ name: "Declined", message }));
});
