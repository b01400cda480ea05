import { describe, expect, it } from "vitest";
import { readNotation } from "../../../domain/music/notation.ts";
import { Declined, ticksPerQuarter as q } from "../../../domain/music/score.ts";

const notesOf = (text: string) =>
  readNotation(text).parts.map(({ notes }) =>
    notes.map(({ pitch, onset, duration }) => [pitch, onset / q, duration / q]),
  );

/** What is said of the text. */
function refusal(text: string): string {
  try {
    readNotation(text);
  } catch (error) {
    expect(error).toBeInstanceOf(Declined);
    return (error as Declined).message;
  }
  throw new Error("The text was read.");
}

describe("what is read", () => {
  it("notes, chords, rests, dots and accidentals", () => {
    expect(notesOf("C4:q D4:e E4:e | [G4 C4 Eb4]:h".replace("|", ""))).toEqual([
      [
        ["C4", 0, 1],
        ["D4", 1, 0.5],
        ["E4", 1.5, 0.5],
        ["C4", 2, 2],
        ["Eb4", 2, 2],
        ["G4", 2, 2],
      ],
    ]);
    expect(notesOf("r:q Bb3:q. F##4:e Ebb5:t..")).toEqual([
      [
        ["Bb3", 1, 1.5],
        ["Fx4", 2.5, 0.5],
        ["Ebb5", 3, 0.125 * 1.75],
      ],
    ]);
  });

  it("triplets to the tick", () => {
    const [part] = readNotation("{3:2 C4:e D4:e E4:e} F4:q").parts;
    expect(part?.notes.map(({ onset }) => onset)).toEqual([0, 3360, 6720, 10_080]);
  });

  it("tied notes as one, also over bar lines and in chords", () => {
    expect(notesOf("C4:w~ | C4:w~ | C4:q D4:h.")).toEqual([
      [
        ["C4", 0, 9],
        ["D4", 9, 3],
      ],
    ]);
    expect(notesOf("[C4~ E4]:h [C4 F4]:h")).toEqual([
      [
        ["C4", 0, 4],
        ["E4", 0, 2],
        ["F4", 2, 2],
      ],
    ]);
  });

  it("headers", () => {
    const text = "title: Study\ncomposer: N. N.\ntime: 6/8\nkey: C# minor\ntempo: 92.5\n\nC#4:h.";
    expect(readNotation(text)).toMatchObject({
      title: "Study",
      composer: "N. N.",
      timeSignatures: [{ onset: 0, beats: 6, beatType: 8 }],
      keySignatures: [{ onset: 0, fifths: 4, mode: "minor" }],
      tempos: [{ onset: 0, bpm: 92.5 }],
    });
  });

  it("a church mode as its signature only", () => {
    expect(readNotation("key: D dorian\nD4:w").keySignatures).toEqual([{ onset: 0, fifths: 0 }]);
  });

  it("defaults, where the text says nothing", () => {
    const defaults = { title: "Given", time: "3/4", key: "G major", tempo: 60, parts: ["Flute"] };
    const score = readNotation("key: F major\nC4:h.", defaults);
    expect(score.title).toBe("Given");
    expect(score.keySignatures[0]?.fifths).toBe(-1);
    expect(score.timeSignatures[0]?.beats).toBe(3);
    expect(score.parts[0]?.name).toBe("Flute");
  });

  it("several parts, each from the beginning", () => {
    const score = readNotation("part: Upper\nC5:w\npart: Lower\nC4:h\nG3:h | C3:w");
    expect(score.parts.map(({ name }) => name)).toEqual(["Upper", "Lower"]);
    expect(score.parts[1]?.notes.map(({ onset }) => onset / q)).toEqual([0, 2, 4]);
    expect(score.measures).toHaveLength(2);
  });
});

describe("measures", () => {
  it("are full, and follow the time signature", () => {
    const { measures } = readNotation("time: 3/4\nC4:h. | D4:q");
    expect(measures).toEqual([
      { number: "1", onset: 0, duration: 3 * q },
      { number: "2", onset: 3 * q, duration: 3 * q },
    ]);
  });

  it("begin with an upbeat, which the last one makes up for", () => {
    const { measures } = readNotation("time: 3/4\nupbeat: q\nC4:q | D4:h. | E4:h |");
    expect(measures.map(({ number, duration }) => [number, duration / q])).toEqual([
      ["0", 1],
      ["1", 3],
      ["2", 2],
    ]);
  });
});

describe("what is refused, with its place", () => {
  it.each([
    [
      "C4:q D4:q | E4:h",
      "Line 1, column 11: expected the rest of the measure, found a bar line after 2 of 4 quarter notes.",
    ],
    [
      "time: 3/4\nC4:h D4:h | E4:h",
      "Line 2, column 11: expected the rest of the measure, found a bar line after 1 of 3 quarter notes.",
    ],
    [
      "upbeat: q\nC4:q | D4:h. | E4:w",
      "Line 2, column 14: expected the rest of the measure, found a bar line after 3 of 4 quarter notes.",
    ],
    ["C4:q H4:q", "Line 1, column 6: expected a note, a chord, a rest or a bar line, found 'H4:q'."],
    ["C4 D4", "Line 1, column 3: expected a colon and a duration, as in C4:q, found a space."],
    ["C4:x", "Line 1, column 4: expected a duration (w, h, q, e, s or t), found 'x'."],
    ["C4:qE4:q", "Line 1, column 5: expected a space after this note, found 'E4:q'."],
    ["[C4 E4", "Line 1, column 7: expected a pitch such as F#4, or ']', found the end of the line."],
    ["C4:q~ D4:q", "Line 1, column 1: expected C4 after this tie to C4."],
    ["{3:2 C4:e", "Line 1, column 1: this tuplet is not closed by '}'."],
    ["{11:8 C4:e}", "Line 1, column 7: this length is too fine to be kept exactly."],
    ["C4:q\ntitle: Late", "Line 2, column 1: expected 'title:' before the music."],
    ["time: 4/5\nC4:q", "Line 1, column 1: expected a time signature such as 3/4, found '4/5'."],
    [
      "key: G# major\nC4:q",
      "Line 1, column 1: expected a key with at most seven sharps or flats, found 'G# major'.",
    ],
    ["tempo: fast\nC4:q", "Line 1, column 1: expected quarter notes a minute, such as 96, found 'fast'."],
    ["upbeat: w\nC4:q", "Line 1, column 1: expected an upbeat such as q, shorter than a measure, found 'w'."],
    ["r:w | r:w", "There are no notes in this text."],
  ])("%j", (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  it("more measures than anybody writes", () => {
    expect(refusal(`time: 1/64\n${"C4:w ".repeat(40)}`)).toBe(
      "There are more than 2000 measures in this text.",
    );
  });
});

it("cuts long titles and names, but no character", () => {
  const long = `x${"\u{1d11e}".repeat(300)}`;
  const score = readNotation(`title: ${long}\ncomposer: ${long}\npart: ${long}\nC4:q`);
  const cut = `x${"\u{1d11e}".repeat(99)}`;
  expect([score.title, score.composer, score.parts[0]?.name]).toEqual([cut, cut, cut]);
  expect(readNotation("C4:q", { title: long, parts: [long] })).toMatchObject({
    title: cut,
    parts: [{ name: cut }],
  });
});
