import { describe, expect, it } from "vitest";
import { analyzeHarmony } from "../../../domain/music/harmony.ts";
import { Declined, type Score } from "../../../domain/music/score.ts";
import { finish } from "./finish.ts";
import { shortScore } from "./support.ts";

const analyzed = (score: Score) => finish(analyzeHarmony(score));

const romans = (score: Score) =>
  analyzed(score)
    .roman_numerals.map((chord) => chord.roman_numeral)
    .join(" ");
const chords = (line: string, options = {}) => shortScore({ p: line }, options);

describe("block chords", () => {
  it("tells name, root, quality, inversion, numeral, key and place of each chord", () => {
    const { roman_numerals, chord_count, key, status } = analyzed(
      chords("C3+E4+G4+C5 F3+F4+A4+C5 B2+F4+G4+D5 C3+E4+G4+C5"),
    );
    expect({ status, key, chord_count }).toEqual({ status: "success", key: "C major", chord_count: 4 });
    expect(roman_numerals[2]).toEqual({
      chord: "G7/B",
      root: "G",
      quality: "dominant seventh",
      inversion: 1,
      roman_numeral: "V65",
      key: "C major",
      measure: "1",
      offset: 2,
    });
  });

  it("figures triads and seventh chords by their bass", () => {
    const score = chords(
      "C3+G4+C5+E5 E3+G4+C5 F3+F4+A4+D5 G3+G4+C5+E5 | G3+G4+B4+D5 F3+G4+B4+D5 E3+G4+C5 D3+F4+B4 | C3+E4+G4+C5 D3+F4+G4+B4 C3+E4+G4+C5:2",
    );
    expect(romans(score)).toBe("I I6 ii6 I64 V V42 I6 viio6 I V43 I");
  });

  it("finds secondary dominants and leading-note chords", () => {
    const score = chords(
      "C3+G4+C5+E5 F#3+A4+C5+D5 G3+G4+B4+D5 F3+G4+B4+D5 | E3+G4+C5 C#4+E4+G4+A4 D3+F4+A4+D5 F#3+Eb4+A4+C5 | G3+D4+G4+B4 G#3+D4+F4+B4 A3+C4+E4+A4 G3+F4+B4+D5 | C3+E4+G4+C5:4",
    );
    expect(romans(score)).toBe("I V65/V V V42 I6 V65/ii ii viio7/V V viio7/vi vi V7 I");
  });

  it("knows minor's own chords: the German sixth, the Neapolitan, the diminished seventh, the Picardy third", () => {
    const score = chords(
      "C3+G4+C5+Eb5 Ab3+Ab4+C5+Eb5 Ab3+C5+Eb5+F#5 G3+B4+D5+G5 | C4+G4+C5+Eb5 B3+Ab4+D5+F5 C4+G4+C5+Eb5:2 | F3+F4+Ab4+Db5:1 G3+G4+C5+Eb5 G3+F4+B4+D5 C3+G4+C5+E5",
    );
    expect(romans(score)).toBe("i VI Ger65 V i viio7 i bII6 i64 V7 I");
  });

  it("takes the root of a diminished seventh chord from its spelling", () => {
    const spelled = (seventh: string) =>
      analyzed(chords(`C4+E4+G4+C5 C4+E4+G4+C5 ${seventh} C4+E4+G4+C5`)).roman_numerals[1];
    expect(spelled("B3+D4+F4+Ab4")).toMatchObject({ chord: "Bdim7", roman_numeral: "viio7" });
    expect(spelled("B3+D4+F4+G#4")).toMatchObject({ chord: "G#dim7/B", roman_numeral: "viio65/vi" });
  });

  it("names a seventh chord that sounds whole over its root, wherever it stands", () => {
    const [before, after] = ["C3+E4+G4+C5:4 |", "| F3+F4+A4+C5:4 | G3+D4+G4+B4:2 C3+E4+G4+C5:2"];
    const seventh = "C3+E4+G4+B4:4";
    for (const line of [
      seventh,
      `${before} ${seventh}`,
      `${seventh} ${after}`,
      `${before} ${seventh} ${after}`,
    ])
      expect(analyzed(chords(line)).roman_numerals.map(({ chord }) => chord)).toContain("Cmaj7");
  });

  it("spells roots as the score does", () => {
    const flat = chords("Gb3+Bb4+Db5 Cb4+Eb5+Gb5 Db4+F5+Ab5 Gb3+Bb4+Db5");
    expect(analyzed(flat).roman_numerals.map(({ root }) => root)).toEqual(["Gb", "Cb", "Db", "Gb"]);
  });
});

describe("real textures", () => {
  // Louis Bourgeois, Psalm 134 ("Old Hundredth"), first two lines.
  const oldHundredth = shortScore(
    {
      soprano: "G4 | G4 F#4 E4 D4 | G4 A4 B4:2 | B4:1 B4 B4 A4 G4 | C5 B4 A4:2",
      alto: "D4 | D4 D4 B3 B3 | D4 F#4 G4:2 | G4:1 G4 G4 F#4 E4 | E4 D4 D4:2",
      tenor: "B3 | B3 A3 G3 F#3 | B3 D4 D4:2 | D4:1 D4 D4 D4 B3 | G3 G3 F#3:2",
      bass: "G3 | G3 D3 E3 B2 | G2 D3 G2:2 | G3:1 G3 G3 D3 E3 | C3 G3 D3:2",
    },
    { upbeat: 1, keys: [{ onset: 0, fifths: 1 }] },
  );

  it("reads a chorale beat by beat, and its lines' cadences", () => {
    const { chord_progressions, cadences, key } = analyzed(oldHundredth);
    expect(key).toBe("G major");
    expect(chord_progressions.slice(0, 3)).toEqual([
      { measure: "0", progression: "I" },
      { measure: "1", progression: "I-V-vi-iii" },
      { measure: "2", progression: "I-V-I" },
    ]);
    expect(cadences).toEqual([
      { type: "authentic", measure: "2", progression: "V-I" },
      { type: "half", measure: "4", progression: "I-V" },
    ]);
  });

  it("is not led astray by passing notes in a chorale's eighths", () => {
    const score = shortScore({
      soprano: "C5:1 B4:1/2 A4 G4:1 C5 | D5:1 D5 E5:1 C5 | C5:4",
      alto: "G4:1 G4 E4 E4 | G4 G4 G4 A4 | G4:4",
      tenor: "E4:1 D4 C4 C4 | B3 B3 C4 E4 | E4:4",
      bass: "C3:1 G3:1/2 F3 E3:1 A3 | G3 F3 E3 A2 | C3:4",
    });
    expect(analyzed(score).chord_progressions.slice(0, 2)).toEqual([
      { measure: "1", progression: "I-V7-I6-vi" },
      { measure: "2", progression: "V-V42-I6-vi" },
    ]);
  });

  it("hears an Alberti bass as whole chords on the first note of each figure (Mozart, K. 545)", () => {
    const k545 = shortScore({
      right: "C5:2 E5:1 G5 | B4:1.5 C5:1/4 D5 C5:1 r | A5:2 G5:1 C6 | G5:1 F5:1/2 E5 E5:1 r",
      left: "C4:1/2 G4 E4 G4 C4 G4 E4 G4 | D4 G4 F4 G4 C4 G4 E4 G4 | C4 A4 F4 A4 C4 G4 E4 G4 | B3 G4 D4 G4 C4 G4 E4 G4",
    });
    expect(analyzed(k545).chord_progressions.map(({ progression }) => progression)).toEqual([
      "I",
      "V43-I",
      "IV64-I",
      "V65-I",
    ]);
  });

  it("hears the chords that two voices imply (Bach, Invention 1)", () => {
    const invention = shortScore({
      right:
        "r:1/4 C4 D4 E4 F4 D4 E4 C4 G4:1/2 C5 B4 C5 | D5:1/4 G4 A4 B4 C5 A4 B4 G4 D5:1/2 G5 F5 G5 | E5:1/4 A5 G5 F5 E5 G5 F5 A5 G5 F5 E5 D5 C5 E5 D5 F5",
      left: "r:2 r:1/4 C3 D3 E3 F3 D3 E3 C3 | G3:1/2 G2 r:1 r:1/4 G3 A3 B3 C4 A3 B3 G3 | C4:1/2 B3 C4 D4 E4 G3 A3 B3",
    });
    const { roman_numerals, key } = analyzed(invention);
    expect(key).toBe("C major");
    const atDownbeats = roman_numerals
      .filter(({ offset }) => offset === 0)
      .map((chord) => chord.roman_numeral);
    expect(atDownbeats).toEqual(["I", "V", "I"]);
    expect(roman_numerals.length).toBeLessThanOrEqual(6);
  });

  it("joins the beats of a waltz under its bass", () => {
    const waltz = shortScore(
      { right: "E5:2 G5:1 | F5:2 D5:1 | C5:3", left: "C3:1 E4+G4 E4+G4 | G2 F4+B4 F4+B4 | C3 E4+G4 C3" },
      { meter: "3/4" },
    );
    expect(romans(waltz)).toBe("I V7 I");
  });

  it("counts compound beats and the offsets within a measure", () => {
    const jig = shortScore(
      {
        melody: "G4:1/2 A4 B4 D5:1 B4:1/2 | C5:1/2 B4 A4 D5:1 F#4:1/2 | G4:3",
        bass: "G2:1/2 B3+D4 B3+D4 G2 B3+D4 B3+D4 | C3 E3+A3 E3+A3 D3 F#3+C4 F#3+C4 | G2+B3+D4:3",
      },
      { meter: "6/8" },
    );
    const { roman_numerals } = analyzed(jig);
    expect(
      roman_numerals.map(({ measure, offset, roman_numeral }) => [measure, offset, roman_numeral]),
    ).toEqual([
      ["1", 0, "I"],
      ["2", 0, "ii6"],
      ["2", 1.5, "V7"],
      ["3", 0, "I"],
    ]);
  });

  it("gives a lone melody chords but no inversions", () => {
    const melody = chords("C4 C4 G4 G4 | A4 A4 G4:2 | F4:1 F4 E4 E4 | D4 D4 C4:2");
    const { roman_numerals } = analyzed(melody);
    expect(roman_numerals.every(({ inversion }) => inversion === 0)).toBe(true);
    expect(roman_numerals.at(0)?.roman_numeral).toBe("I");
    expect(romans(melody)).toMatch(/ V I$/);
  });
});

describe("the work itself", () => {
  it("declines a score without notes", () => {
    expect(() => analyzed(chords("r:4"))).toThrow(Declined);
  });

  it("reports growing fractions, often, over 10,000 notes", () => {
    const line = Array.from(
      { length: 10_000 },
      (_, index) => ["C4", "E4", "G4", "B4", "D5", "F5", "A3"][(index * 5) % 7],
    );
    const fractions = [...analyzeHarmony(chords(line.map((pitch) => `${pitch}:1/4`).join(" ")))];
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions[0]).toBeGreaterThanOrEqual(0);
    expect(fractions.at(-1)).toBeLessThanOrEqual(1);
    expect(fractions.length).toBeGreaterThan(100);
  });

  it("counts notes that are held over a thousand measures in each of them", () => {
    const end = 4000;
    const held = Object.fromEntries(
      Array.from({ length: 12 }, (_, voice) => [
        `${voice}`,
        `${["C", "E", "G"][voice % 3]}${2 + (voice % 4)}:${end}`,
      ]),
    );
    const moving = Array.from({ length: end }, (_, beat) => `${["C5", "E5", "G5"][beat % 3]}:1`).join(" ");
    const { roman_numerals } = analyzed(shortScore({ ...held, moving }));
    expect(new Set(roman_numerals.map((chord) => chord.roman_numeral))).toEqual(new Set(["I"]));
    expect(roman_numerals).toHaveLength(end / 4);
  });
});
