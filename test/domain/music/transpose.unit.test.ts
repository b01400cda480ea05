import { describe, expect, it } from "vitest";
import { Declined, type Score, ticksPerQuarter } from "../../../domain/music/score.ts";
import { transposeScore } from "../../../domain/music/transpose.ts";
import { shortScore } from "./support.ts";

const pitches = (score: Score) =>
  score.parts.flatMap(({ notes }) => notes.map(({ pitch }) => pitch)).join(" ");

/** A little piece in the major key of so many sharps, written out in C. */
function majorPiece(line = "C4:2 E4:1 G4 F4 A4 G4 B4 C5:4") {
  return shortScore({ p: line }, { keys: [{ onset: 0, fifths: 0, mode: "major" }] });
}

describe("transposeScore by an interval", () => {
  it.each([
    ["P5", "G4 B4 D5 C5 E5 D5 F#5 G5", "P5", "G major", 1],
    ["5P", "G4 B4 D5 C5 E5 D5 F#5 G5", "P5", "G major", 1],
    ["-m3", "A3 C#4 E4 D4 F#4 E4 G#4 A4", "-m3", "A major", 3],
    ["-3m", "A3 C#4 E4 D4 F#4 E4 G#4 A4", "-m3", "A major", 3],
    ["M2", "D4 F#4 A4 G4 B4 A4 C#5 D5", "M2", "D major", 2],
    ["-3", "A3 C#4 E4 D4 F#4 E4 G#4 A4", "-m3", "A major", 3],
    ["+1", "Db4 F4 Ab4 Gb4 Bb4 Ab4 C5 Db5", "m2", "Db major", -5],
    ["12", "C5 E5 G5 F5 A5 G5 B5 C6", "P8", "C major", 0],
    ["m9", "Db5 F5 Ab5 Gb5 Bb5 Ab5 C6 Db6", "m9", "Db major", -5],
    ["A1", "C#4 E#4 G#4 F#4 A#4 G#4 B#4 C#5", "A1", "C# major", 7],
    ["d5", "Gb4 Bb4 Db5 Cb5 Eb5 Db5 F5 Gb5", "d5", "Gb major", -6],
    ["P1", "C4 E4 G4 F4 A4 G4 B4 C5", "P1", "C major", 0],
  ])("%s", (asked, notes, interval, to_key, fifths) => {
    const moved = transposeScore(majorPiece(), { interval: asked });
    expect(pitches(moved.score)).toBe(notes);
    expect(moved).toMatchObject({ interval, from_key: "C major", to_key });
    expect(moved.score.keySignatures).toEqual([{ onset: 0, fifths, mode: "major" }]);
  });

  it("writes a key with more than seven accidentals as its enharmonic twin", () => {
    // E major an augmented fifth up would be B# major.
    const e = transposeScore(majorPiece(), { interval: "M3" }).score;
    const moved = transposeScore(e, { interval: "A5" });
    expect(moved).toMatchObject({ to_key: "C major", interval: "m6" });
    expect(moved.score.keySignatures).toEqual([{ onset: 0, fifths: 0, mode: "major" }]);
    expect(pitches(moved.score)).toBe("C5 E5 G5 F5 A5 G5 B5 C6");
  });

  it("keeps the double sharp that a key asks for and respells one that it does not", () => {
    const gMinor = shortScore(
      { p: "G4:2 D5:1 C5 Bb4 A4 G4 F#4 G4:4" },
      { keys: [{ onset: 0, fifths: -2, mode: "minor" }] },
    );
    expect(pitches(transposeScore(gMinor, { interval: "A1" }).score)).toBe("G#4 D#5 C#5 B4 A#4 G#4 Fx4 G#4");
    // A raised second in C is Fx in E, where a G is easier to read.
    const raised = majorPiece("C4:2 E4:1 G4 D#4 E4 G4 B4 C5:4");
    expect(pitches(transposeScore(raised, { interval: "M3" }).score)).toBe("E4 G#4 B4 G4 G#4 B4 D#5 E5");
  });

  it("moves each stretch of a score by its own key signature", () => {
    const modulating = shortScore(
      { p: "C4:1 E4 G4 C5 | E4 G#4 B4 E5" },
      {
        keys: [
          { onset: 0, fifths: 0 },
          { onset: 4 * ticksPerQuarter, fifths: 4 },
        ],
      },
    );
    const moved = transposeScore(modulating, { interval: "M3" }).score;
    expect(moved.keySignatures.map(({ fifths }) => fifths)).toEqual([4, -4]);
    expect(pitches(moved)).toBe("E4 G#4 B4 E5 Ab4 C5 Eb5 Ab5");
  });

  it("leaves onsets, durations and everything else as they are", () => {
    const { parts, keySignatures, ...rest } = transposeScore(majorPiece(), { interval: "P4" }).score;
    const { parts: before, keySignatures: _, ...restBefore } = majorPiece();
    expect(rest).toEqual(restBefore);
    expect(parts[0]?.notes.map(({ onset, duration }) => [onset, duration])).toEqual(
      before[0]?.notes.map(({ onset, duration }) => [onset, duration]),
    );
  });

  it.each(["", "X5", "P3", "m5", "fifth", "-", "--m3", "1.5", "__proto__", "constructor"])(
    "declines '%s'",
    (interval) => {
      expect(() => transposeScore(majorPiece(), { interval })).toThrow(Declined);
    },
  );

  it("says which forms an interval has", () => {
    expect(() => transposeScore(majorPiece(), { interval: "P3" })).toThrow(
      "'P3' is not an interval: expected an interval such as P5, -m3 or M2, or a number of semitones.",
    );
  });

  it("declines notes below A-1 and above C9, and takes the ends of the range", () => {
    const ends = shortScore({ p: "A0:1 C#1 E1 A1" });
    expect(pitches(transposeScore(ends, { interval: "-P8" }).score)).toMatch(/^A-1 /);
    expect(() => transposeScore(ends, { interval: "-13" })).toThrow(Declined);
    const high = shortScore({ p: "C7:1 E7 G7 C8" });
    expect(pitches(transposeScore(high, { interval: "P8" }).score)).toMatch(/ C9$/);
    expect(() => transposeScore(high, { interval: "m9" })).toThrow(Declined);
  });
});

describe("transposeScore to a key", () => {
  it.each([
    ["Eb major", "m3", "Eb4 G4 Bb4 Ab4 C5 Bb4 D5 Eb5"],
    ["G", "-P4", "G3 B3 D4 C4 E4 D4 F#4 G4"],
    ["F# major", "A4", "F#4 A#4 C#5 B4 D#5 C#5 E#5 F#5"],
    ["gb major", "d5", "Gb4 Bb4 Db5 Cb5 Eb5 Db5 F5 Gb5"],
    ["B♭ Major", "-M2", "Bb3 D4 F4 Eb4 G4 F4 A4 Bb4"],
    ["C major", "P1", "C4 E4 G4 F4 A4 G4 B4 C5"],
  ])("%s takes the nearer direction", (to_key, interval, notes) => {
    const moved = transposeScore(majorPiece(), { to_key });
    expect(moved.interval).toBe(interval);
    expect(pitches(moved.score)).toBe(notes);
  });

  it("moves a minor piece to a minor key", () => {
    const aMinor = shortScore({ p: "A4:2 E5:1 D5 C5 B4 A4 G#4 A4:4" });
    const moved = transposeScore(aMinor, { to_key: "f# minor" });
    expect(moved).toMatchObject({ from_key: "A minor", to_key: "F# minor", interval: "-m3" });
    expect(pitches(moved.score)).toBe("F#4 C#5 B4 A4 G#4 F#4 E#4 F#4");
    expect(transposeScore(aMinor, { to_key: "F#m" })).toEqual(moved);
  });

  it("declines a key of the other mode, and what is no key", () => {
    expect(() => transposeScore(majorPiece(), { to_key: "C minor" })).toThrow(/keeps the mode/);
    for (const to_key of ["H major", "C lydian", "", "Cm major"]) {
      expect(() => transposeScore(majorPiece(), { to_key })).toThrow(Declined);
    }
  });

  it("writes G# major as Ab major", () => {
    const moved = transposeScore(majorPiece(), { to_key: "G# major" });
    expect(moved).toMatchObject({ to_key: "Ab major", interval: "-M3" });
    expect(moved.score.keySignatures).toEqual([{ onset: 0, fifths: -4, mode: "major" }]);
    const d = transposeScore(majorPiece(), { interval: "M2" }).score;
    expect(transposeScore(d, { to_key: "G# major" })).toMatchObject({ to_key: "Ab major", interval: "d5" });
  });

  it("takes the stated key for the one to move from, Picardy third or not", () => {
    const dMinor = shortScore(
      { p: "D3+F4+A4+D5:2 A2+E4+A4+C#5 | D3+F#4+A4+D5:4" },
      { keys: [{ onset: 0, fifths: -1, mode: "minor" }] },
    );
    const moved = transposeScore(dMinor, { to_key: "E minor" });
    expect(moved).toMatchObject({ from_key: "D minor", to_key: "E minor", interval: "M2" });
    expect(() => transposeScore(dMinor, { to_key: "E major" })).toThrow(/in D minor/);
    expect(transposeScore(dMinor, { to_key: "G" }).to_key).toBe("G minor");
  });
});
