import { describe, expect, it } from "vitest";
import { brokenRules, intervalsOf, type Voices } from "../../../domain/music/counterpoint/check.ts";
import {
  type CounterpointOptions,
  createCounterpoint,
} from "../../../domain/music/counterpoint/counterpoint.ts";
import { Declined } from "../../../domain/music/score.ts";
import { finish } from "./finish.ts";
import { shortScore } from "./support.ts";

/** The cantus firmi of Fux's Gradus ad Parnassum. */
const fux = {
  dorian: "D4:4 F4 E4 D4 G4 F4 A4 G4 F4 E4 D4",
  phrygian: "E4:4 C4 D4 C4 A3 A4 G4 E4 F4 E4",
  lydian: "F4:4 G4 A4 F4 D4 E4 F4 C5 A4 F4 G4 F4",
  mixolydian: "G3:4 C4 B3 G3 C4 E4 D4 G4 E4 C4 D4 B3 A3 G3",
  aeolian: "A3:4 C4 B3 D4 C4 E4 F4 E4 D4 C4 B3 A3",
  ionian: "C4:4 E4 F4 G4 E4 A4 G4 E4 F4 E4 D4 C4",
} as const;

const options: CounterpointOptions = { species: "first", voice_position: "above", rule_set: "strict" };

const written = (cantus: string, changes: Partial<CounterpointOptions> = {}) =>
  finish(createCounterpoint(shortScore({ Cantus: cantus }), { ...options, ...changes }));

const notes = (result: ReturnType<typeof written>, name: string) =>
  result.score.parts.find((part) => part.name === name)?.notes.map(({ pitch }) => pitch) ?? [];

const declined = (cantus: string, changes: Partial<CounterpointOptions> = {}) => {
  expect(() => written(cantus, changes)).toThrow(Declined);
  return expect(() => written(cantus, changes));
};

describe("createCounterpoint", () => {
  it("writes above Fux's dorian cantus firmus and closes with C# D", () => {
    const result = written(fux.dorian);
    expect(result.score.parts.map(({ name }) => name)).toEqual(["Counterpoint", "Cantus firmus"]);
    expect(notes(result, "Cantus firmus").join(" ")).toBe("D4 F4 E4 D4 G4 F4 A4 G4 F4 E4 D4");
    expect(notes(result, "Counterpoint")).toHaveLength(11);
    expect(notes(result, "Counterpoint").slice(-2)).toEqual(["C#5", "D5"]);
    expect(result.interval_analysis.slice(-2).map(({ interval }) => interval)).toEqual(["M6", "P8"]);
    expect(result).toMatchObject({
      status: "success",
      species: "first",
      rule_violations: [],
      rule_compliance_score: 1,
    });
  });

  it("writes below it and closes with a third that goes to the unison", () => {
    const result = written(fux.dorian, { voice_position: "below" });
    expect(result.score.parts.map(({ name }) => name)).toEqual(["Cantus firmus", "Counterpoint"]);
    expect(notes(result, "Counterpoint").slice(-2)).toEqual(["C#4", "D4"]);
    expect(result.interval_analysis.slice(-2).map(({ interval }) => interval)).toEqual(["m3", "P1"]);
    expect(result.rule_violations).toEqual([]);
  });

  it.each(Object.entries(fux))(
    "finds the mode of the %s cantus and keeps all rules above and below",
    (mode, cantus) => {
      for (const voice_position of ["above", "below"] as const) {
        const result = written(cantus, { voice_position });
        expect(result.explanations[0]).toContain(` ${mode}`);
        expect(result.rule_violations).toEqual([]);
      }
    },
  );

  it.each([
    ["dorian", "C#"],
    ["phrygian", "D"],
    ["lydian", "E"],
    ["mixolydian", "F#"],
    ["aeolian", "G#"],
    ["ionian", "B"],
  ] as const)("leads to the final of the %s mode with %s", (mode, leadingTone) => {
    expect(notes(written(fux[mode]), "Counterpoint").at(-2)?.replace(/\d/, "")).toBe(leadingTone);
  });

  it("takes the mode that it is told, and the signature where the notes leave it open", () => {
    expect(written(fux.dorian, { mode: "aeolian" }).explanations[0]).toContain("D aeolian");
    const flat = shortScore({ Cantus: fux.dorian }, { keys: [{ onset: 0, fifths: -1 }] });
    expect(finish(createCounterpoint(flat, options)).explanations[0]).toContain("D aeolian");
    expect(written("A3:4 C4 B3 A3", { mode: "minor" }).explanations[0]).toContain("A minor");
  });

  it("tells the shape of the line as it is", () => {
    const result = written(fux.dorian);
    const { steps, leaps, climax } = result.melodic_analysis;
    const line = notes(result, "Counterpoint");
    expect(line.filter((note) => note === climax)).toHaveLength(1);
    expect(steps + leaps).toBeLessThanOrEqual(10);
    expect(steps).toBeGreaterThan(leaps);
    expect(result.interval_analysis[0]?.motion).toBeNull();
    const motions = result.interval_analysis.map(({ motion }) => motion);
    expect(motions.filter((motion) => motion === "contrary").length).toBeGreaterThanOrEqual(5);
  });

  it("keeps the rests and lengths of the cantus", () => {
    const result = written("D4:2 r:2 F4:4 E4:1 D4:3");
    const [added, given] = result.score.parts;
    expect(added?.notes.map(({ onset, duration }) => [onset, duration])).toEqual(
      given?.notes.map(({ onset, duration }) => [onset, duration]),
    );
  });

  it("needs a cantus that steps down to its final, unless the rules are relaxed", () => {
    declined("C4:4 D4 B3 C4").toThrow(/from B3 to C4/);
    const result = written("C4:4 D4 B3 C4", { rule_set: "relaxed" });
    expect(result.rule_violations.map(({ rule, measure }) => `${rule} ${measure}`)).toEqual([
      "penultimate 3",
    ]);
    expect(result.rule_compliance_score).toBe(0.75);
    expect(result.explanations.at(-1)).toContain("leading tone");
  });

  it("declines what it cannot do, by name", () => {
    for (const species of ["second", "third", "fourth", "fifth"] as const) {
      declined(fux.dorian, { species }).toThrow(`species '${species}' is not there; 'first' is`);
    }
    declined("D4:4 D4+F4 E4 D4").toThrow("in measure 2 notes sound together");
    declined("D4:4 D4").toThrow("at least 3 notes; the first part has 2");
    declined("r:4").toThrow(Declined);
    declined("D3:4 D6 E3 D3").toThrow(/strict rules.*into measure 2/);
  });

  it("tells its progress from 0 to 1 and never backwards", () => {
    const told: number[] = [];
    finish(createCounterpoint(shortScore({ Cantus: fux.dorian }), options), told);
    expect(told.length).toBeGreaterThan(20);
    expect(told).toEqual(told.toSorted((one, other) => one - other));
    expect(told.at(-1)).toBeLessThanOrEqual(1);
  });
});

const broken = (
  cantus: string,
  counterpoint: string,
  position: Voices["position"] = "above",
  leadingTone = "C#",
) => {
  const voices = { cantus: cantus.split(" "), counterpoint: counterpoint.split(" "), position, leadingTone };
  return finish(brokenRules(voices, finish(intervalsOf(voices)))).map(
    ({ rule, index }) => `${index} ${rule}`,
  );
};

describe("brokenRules", () => {
  it("finds in Fux's own solution nothing but the climax that comes again in the final", () => {
    expect(broken("D4 F4 E4 D4 G4 F4 A4 G4 F4 E4 D4", "A4 A4 G4 A4 B4 C5 C5 B4 D5 C#5 D5")).toEqual([
      "10 climax",
    ]);
  });

  it.each([
    ["a fourth", "D4 G4 E4 D4", "A4 C5 C#5 D5", "1 consonance"],
    ["a beginning on a third", "D4 F4 E4 D4", "F4 D5 C#5 D5", "0 perfect_ends"],
    ["a leading tone that is not raised", "D4 F4 E4 D4", "A4 A4 C5 D5", "2 penultimate"],
    ["parallel fifths", "D4 E4 F4 E4 D4", "A4 B4 A4 C#5 D5", "1 parallel_perfect"],
    ["octaves in contrary motion", "D5 D4 E4 D4", "D5 D6 C#5 D5", "1 parallel_perfect"],
    ["a direct fifth", "D4 F4 G4 F4 E4 D4", "D5 A4 D5 D5 C#5 D5", "2 direct_perfect"],
    ["a tritone", "D4 D4 G4 E4 D4", "A4 F4 B4 C#5 D5", "2 melodic_interval"],
    ["a seventh", "D4 F4 E4 D4", "D5 D4 C#5 D5", "2 melodic_interval"],
    ["a leap that is not recovered", "D4 F4 C4 F4 E4 D4", "D5 F4 C5 D5 C#5 D5", "3 leap_recovery"],
    ["a unison inside", "D4 A4 E4 D4", "A4 A4 C#5 D5", "1 inner_unison"],
    ["crossed voices", "D4 A4 E4 D4", "A4 F4 C#5 D5", "1 voice_crossing"],
    ["four parallel thirds", "D4 C4 D4 E4 F4 E4 D4", "D5 E4 F4 G4 A4 C#5 D5", "4 imperfect_run"],
    ["an outlined tritone", "D4 D4 E4 D4 E4 D4", "A4 F4 G4 B4 A4 D5", "3 tritone_outline"],
    ["a tritone through a repeated note", "D4 D4 E4 D4 E4 D4", "A4 F4 G4 G4 B4 A4", "4 tritone_outline"],
    ["a tritone down to the end", "D4 D4 E4 D4", "A4 B4 G4 F4", "3 tritone_outline"],
    ["a range of a twelfth", "D4 D4 E4 D4", "A5 D4 C#5 D5", "0 range"],
  ])("finds %s", (_, cantus, counterpoint, expected) => {
    expect(broken(cantus, counterpoint)).toContain(expected);
  });

  it("lets a line pass through a tritone on its way", () => {
    expect(broken("D4 D4 E4 D4 E4 D4", "A4 F4 G4 B4 C5 A4").join()).not.toContain("tritone_outline");
    expect(broken("D4 D4 E4 D4 E4 D4", "A4 E4 F4 B4 A4 D5").join()).not.toContain("tritone_outline");
  });

  it("lets three parallel thirds pass", () => {
    expect(broken("D4 C4 D4 E4 F4 E4 D4", "D5 E4 F4 G4 D5 C#5 D5").join()).not.toContain("imperfect_run");
  });

  it("takes a fifth below for the dissonance with the final that it is", () => {
    expect(broken("D4 F4 E4 D4", "G3 D4 C#4 D4", "below")).toContain("0 perfect_ends");
    expect(broken("D4 F4 E4 D4", "D4 D4 C#4 D4", "below").join()).not.toContain("perfect_ends");
  });
});
