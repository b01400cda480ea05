import { describe, expect, it } from "vitest";
import { chordIn, chordType, romanNumeral } from "../../../domain/music/harmonize/chord.ts";
import { type HarmonizeOptions, harmonizeMelody } from "../../../domain/music/harmonize/harmonize.ts";
import { Declined, ticksPerQuarter } from "../../../domain/music/score.ts";
import { finish } from "./finish.ts";
import { shortScore } from "./support.ts";

const odeToJoy = `E4 E4 F4 G4 | G4 F4 E4 D4 | C4 C4 D4 E4 | E4:3/2 D4:1/2 D4:2
  | E4:1 E4 F4 G4 | G4 F4 E4 D4 | C4 C4 D4 E4 | D4:3/2 C4:1/2 C4:2`;

/** Nun danket alle Gott, the first line. */
const nunDanket = "D5 | D5 D5 E5 E5 | D5:2 r:1 B4:1 | C5 B4 A4 B4 | A4:2 G4:1";

/** Wer nur den lieben Gott lässt walten, the first line. */
const werNur = "E4 | A4 B4 C5 B4 | A4 B4 G#4 E4";

const options: HarmonizeOptions = {
  style: "classical",
  voice_parts: 4,
  include_explanations: false,
  key: { tonic: "C", mode: "major" },
};

const harmonized = (melody: string, changes: Partial<HarmonizeOptions> = {}, upbeat = 0) =>
  finish(harmonizeMelody(shortScore({ Melody: melody }, { upbeat }), { ...options, ...changes }));

const declined = (melody: string, changes: Partial<HarmonizeOptions> = {}) => {
  expect(() => harmonized(melody, changes)).toThrow(Declined);
  return expect(() => harmonized(melody, changes));
};

const line = ({ score }: ReturnType<typeof harmonized>, part: number) =>
  score.parts[part]?.notes.map(({ pitch }) => pitch).join(" ");

describe("harmonizeMelody", () => {
  it("gives the Ode to Joy four parts: its own melody, and a note below it for each chord", () => {
    const result = harmonized(odeToJoy);
    const [soprano, ...lower] = result.score.parts;
    expect(result.score.parts.map(({ name }) => name)).toEqual(["Soprano", "Alto", "Tenor", "Bass"]);
    expect(soprano?.notes).toEqual(shortScore({ Melody: odeToJoy }).parts[0]?.notes);
    // 30 notes, of which the two eighths share the chord of the note before.
    expect(lower.map(({ notes }) => notes.length)).toEqual([28, 28, 28]);
    expect(result.chord_progression).toHaveLength(28);
    expect(result.roman_numerals).toHaveLength(28);
    expect(result.score.measures).toHaveLength(8);
    expect(result.status).toBe("success");
  });

  it("closes the Ode to Joy with V–I, in root position and without a fault", () => {
    const result = harmonized(odeToJoy);
    expect(result.chord_progression.slice(-2)).toEqual([
      { chord: expect.stringMatching(/^G7?$/), measure: "8" },
      { chord: "C", measure: "8" },
    ]);
    expect(result.roman_numerals.at(-1)).toBe("I");
    expect(result.voice_leading_quality).toEqual({ score: 1, violations: [] });
  });

  it("keeps the upbeat and the rest of a chorale, and sets its line without a fault", () => {
    const result = harmonized(nunDanket, { key: { tonic: "G", mode: "major" } }, 1);
    expect(result.chord_progression[0]?.measure).toBe("0");
    expect(result.score.parts[3]?.notes.map(({ onset }) => onset)).toEqual(
      result.score.parts[0]?.notes.map(({ onset }) => onset),
    );
    expect(result.roman_numerals.slice(-2).join(" ")).toMatch(/^V7? I$/);
    expect(result.voice_leading_quality.violations).toEqual([]);
  });

  it("ends a line in minor that stops on the fifth degree with a half cadence and a raised third", () => {
    const result = harmonized(werNur, { key: { tonic: "A", mode: "minor" }, include_explanations: true }, 1);
    expect(result.chord_progression.at(-1)?.chord).toBe("E");
    expect(result.explanations.join(" ")).toContain("a half cadence");
    expect(result.voice_leading_quality.violations).toEqual([]);
  });

  it("spells the notes of a key with flats as flats", () => {
    const result = harmonized("Eb4 F4 G4 F4 Eb4:4", { key: { tonic: "Eb", mode: "major" } });
    const written = [1, 2, 3].map((part) => line(result, part)).join(" ");
    expect(written).toMatch(/Bb/);
    expect(written).not.toMatch(/#/);
  });

  it("writes sevenths and ii–V–I in jazz", () => {
    const result = harmonized("E4:2 G4 A4 G4 E4:4", { style: "jazz" });
    expect(result.roman_numerals.slice(-3)).toEqual(["ii7", "V7", "IM7"]);
    for (const { chord } of result.chord_progression) expect(chord).toMatch(/6|7/);
  });

  it("uses triads in root position in pop, most of them I, V, vi and IV", () => {
    const { roman_numerals: numerals } = harmonized(odeToJoy, { style: "pop" });
    expect(numerals.join(" ")).not.toMatch(/\d/);
    const family = numerals.filter((numeral) => ["I", "V", "vi", "IV"].includes(numeral));
    expect(family.length / numerals.length).toBeGreaterThan(0.8);
  });

  it("has no dominant with a leading tone in modal style, and a modal cadence", () => {
    const result = harmonized("D4 A4 B4 C5 A4 G4 F4 E4 D4:4", {
      style: "modal",
      key: { tonic: "D", mode: "minor" },
    });
    expect([1, 2, 3].map((part) => line(result, part)).join(" ")).not.toContain("C#");
    expect(["IV", "VII", "v", "IV6", "VII6", "v6"]).toContain(result.roman_numerals.at(-2));
    expect(result.roman_numerals.at(-1)).toBe("i");
  });

  it("takes the dorian sixth from the melody", () => {
    const dorian = harmonized("D5 B4 A4 G4 B4 A4 D5:2", {
      style: "modal",
      key: { tonic: "D", mode: "minor" },
    });
    expect(dorian.chord_progression.map(({ chord }) => chord).join(" ")).not.toContain("Bb");
  });

  it("leads a chromatic note on with an applied dominant", () => {
    const result = harmonized("G4 F#4 G4:2 F4 D4 C4:2");
    expect(result.roman_numerals[1]).toMatch(/\/V$/);
    expect(result.chord_progression[1]?.chord).toMatch(/^D7/);
    expect(result.chord_progression[2]?.chord).toMatch(/^G/);
  });

  it("puts short notes on a beat under one chord, and the dotted quarter of 6/8 is a beat", () => {
    const score = shortScore({ M: "C5:1/2 D5 E5 E5 D5 C5 | D5 E5 F5 D5:1/2 B4 G4 | C5:3" }, { meter: "6/8" });
    const result = finish(harmonizeMelody(score, options));
    expect(result.chord_progression.map(({ measure }) => measure)).toEqual(["1", "1", "2", "2", "3"]);
  });

  it("counts the beats of an upbeat back from the barline", () => {
    const score = shortScore({ M: "E4:1/2 C4 D4 | E4:1 D4 C4:2" }, { upbeat: 3 / 2 });
    const { parts } = finish(harmonizeMelody(score, options)).score;
    expect(parts[3]?.notes.map(({ onset }) => onset / ticksPerQuarter)).toEqual([0, 0.5, 1.5, 2.5, 3.5]);
  });

  it("takes the highest notes of a first part with chords for the melody", () => {
    expect(line(harmonized("C4+E4+C5:1 B3+D4+B4 C4+C5:2"), 0)).toBe("C5 B4 C5");
  });

  it("explains itself only where it is asked to", () => {
    expect(harmonized(odeToJoy).explanations).toEqual([]);
    const told = harmonized(odeToJoy, { include_explanations: true }).explanations.join("\n");
    expect(told).toContain("C major");
    expect(told).toContain("an authentic cadence");
    expect(told).toContain("breaks no rule");
  });

  it("says a sentence once, though a rule is broken several times in a measure", () => {
    const told = harmonized("C4 B3 C4 B3 | C4:4", { include_explanations: true });
    expect(told.voice_leading_quality.violations.length).toBeGreaterThan(1);
    expect(told.explanations).toEqual([...new Set(told.explanations)]);
  });

  it("names the last change of chord as the end, however often the last chord comes again", () => {
    const { explanations, roman_numerals } = harmonized("C5 D5 D5 E5 | E5:4", { include_explanations: true });
    expect(roman_numerals.slice(-2)).toEqual(["I", "I"]);
    const end = explanations.find((sentence) => sentence.startsWith("It ends")) ?? "";
    expect(end).toBe("It ends with V (G) going to I (C), an authentic cadence.");
  });

  it("tells of an applied dominant with the chord that it goes to", () => {
    const { explanations, roman_numerals } = harmonized("G4 F#4 F#4 F#4 | G4:2 F4:1 D4 | C4:4", {
      include_explanations: true,
    });
    expect(roman_numerals.filter((numeral) => numeral.endsWith("/V")).length).toBeGreaterThan(1);
    const applied = explanations.filter((sentence) => sentence.includes("applied dominant"));
    expect(applied).toHaveLength(1);
    expect(applied[0]).toMatch(/; V7? \(G7?.*\) follows/);
  });

  it("writes a diminished triad as viio", () => {
    const chord = chordIn("C", chordType("vii", "7M", "dim", 0, [1]));
    expect([romanNumeral(chord, 0), romanNumeral(chord, 1)]).toEqual(["viio", "viio6"]);
  });

  it("reports where the melody leaves the range of a soprano a little", () => {
    const { violations, score } = harmonized("C4 B3 C4:2").voice_leading_quality;
    expect(violations).toEqual([{ rule: "range", measure: "1", voices: ["Soprano"] }]);
    expect(score).toBeCloseTo(2 / 3, 2);
  });

  it("reports wide spacing where a leap leaves no other way", () => {
    const rules = harmonized("C4:1/2 A5:1/2 C5:1 C5:2").voice_leading_quality.violations.map(
      ({ rule }) => rule,
    );
    expect(new Set(rules)).toEqual(new Set(["spacing"]));
  });

  it("declines what it cannot do, by name", () => {
    declined(odeToJoy, { voice_parts: 3 }).toThrow("voice_parts 3 is not there; 4 is.");
    declined("r:4").toThrow("no notes");
    declined("C4 C3 C4:2").toThrow(/C3 in measure 1.*transpose/);
    declined("C4:4 E4:4 C#4:4", { style: "modal" }).toThrow(/'modal'.*C#4 of measure 3/);
  });

  it("tells its progress from 0 to 1 and never backwards", () => {
    const told: number[] = [];
    finish(harmonizeMelody(shortScore({ M: odeToJoy }), options), told);
    expect(told.length).toBeGreaterThan(50);
    expect(told).toEqual(told.toSorted((one, other) => one - other));
    expect(told[0]).toBeGreaterThanOrEqual(0);
    expect(told.at(-1)).toBeLessThanOrEqual(1);
  });
});
