import { describe, expect, it } from "vitest";
import { analyzeHarmony } from "../../../domain/music/harmony.ts";
import { library } from "../../../domain/music/library/index.ts";
import { finish } from "./finish.ts";
import { shortScore } from "./support.ts";

const analyzed = (line: string) => finish(analyzeHarmony(shortScore({ p: line })));

describe("cadences", () => {
  const opening = "C3+E4+G4+C5 F3+F4+A4+C5 G3+D4+G4+B4 C3+E4+G4+C5";

  it.each([
    ["authentic", "F3+F4+A4+C5 G3+F4+G4+B4 C3+E4+G4+C5:2", "V7-I"],
    ["plagal", "G3+D4+G4+B4:1 F3+F4+A4+C5 C3+E4+G4+C5:2", "IV-I"],
    ["half", "C3+E4+G4+C5:1 F3+F4+A4+C5 G3+D4+G4+B4:2", "IV-V"],
    ["deceptive", "C3+E4+G4+C5:1 G3+F4+G4+B4 A3+E4+A4+C5:2", "V7-vi"],
  ])("%s", (type, ending, progression) => {
    expect(analyzed(`${opening} | ${ending}`).cadences).toEqual([{ type, measure: "2", progression }]);
  });

  it("finds none where the music just goes on", () => {
    const { cadences } = analyzed(`${opening} | ${opening} | C3+E4+G4+C5 D3+F4+A4 E3+G4+B4 A3+C4+E4`);
    expect(cadences).toEqual([]);
  });
});

describe("phrases of four measures", () => {
  const flowing = "C3+E4+G4+C5:2 F3+F4+A4+C5 | C3+E4+G4+C5 F3+F4+A4+C5 | C3+E4+G4+C5 F3+F4+A4+C5 |";
  const antecedent = `${flowing} C3+E4+G4+C5 G3+D4+G4+B4 |`;

  it("end with a half or an authentic cadence though the movement goes on", () => {
    expect(analyzed(`${antecedent} ${flowing} G3+D4+G4+B4 C3+E4+G4+C5`).cadences).toEqual([
      { type: "half", measure: "4", progression: "I-V" },
      { type: "authentic", measure: "8", progression: "V-I" },
    ]);
  });

  it("are not looked for where the measures do not make up such phrases", () => {
    const { cadences } = analyzed(`${antecedent} ${flowing} G3+D4+G4+B4 C3+E4+G4+C5 | C3+E4+G4+C5:4`);
    expect(cadences.map(({ measure }) => measure)).toEqual(["8"]);
  });
});

it("hears V–I where a lone melody falls to the tonic from the degree above it", () => {
  const odeToJoy = library.get("ode_to_joy");
  const { cadences, chord_progressions } = finish(analyzeHarmony(odeToJoy ?? shortScore({})));
  expect(chord_progressions.at(-1)).toEqual({ measure: "16", progression: "V-I" });
  expect(cadences).toEqual([
    { type: "half", measure: "4", progression: expect.stringMatching(/-V$/) },
    { type: "authentic", measure: "8", progression: "V-I" },
    { type: "authentic", measure: "12", progression: "V-I" },
    { type: "authentic", measure: "16", progression: "V-I" },
  ]);
});

describe("functions and rhythm", () => {
  const score = "C3+E4+G4+C5:2 F3+F4+A4+C5 | G3+G4+C5+E5 G3+F4+B4+D5 | C3+E4+G4+C5:4";

  it("names functions as they change; the cadential six-four belongs to the dominant", () => {
    expect(analyzed(score).functional_analysis).toEqual([
      { measure: "1", function: "tonic" },
      { measure: "1", function: "predominant" },
      { measure: "2", function: "dominant" },
      { measure: "3", function: "tonic" },
    ]);
  });

  it("counts the chords of each measure", () => {
    expect(analyzed(score).harmonic_rhythm).toEqual({
      chords_per_measure: 1.6667,
      changes: [
        { measure: "1", chords: 2 },
        { measure: "2", chords: 2 },
        { measure: "3", chords: 1 },
      ],
    });
  });

  it("names a chord again in each measure where it is struck again", () => {
    const held = "C3+E4+G4+C5:4 | C3+E4+G4+C5:4 | G3+D4+G4+B4:2 C3+E4+G4+C5:2";
    expect(analyzed(held).chord_progressions).toEqual([
      { measure: "1", progression: "I" },
      { measure: "2", progression: "I" },
      { measure: "3", progression: "V-I" },
    ]);
  });
});
