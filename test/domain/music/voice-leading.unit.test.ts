import { describe, expect, it } from "vitest";
import { checkVoiceLeading, fourVoiceRanges } from "../../../domain/music/voice-leading.ts";
import { finish } from "./finish.ts";
import { shortScore } from "./support.ts";

const judged = (lines: Readonly<Record<string, string>>) =>
  finish(checkVoiceLeading(shortScore(lines), fourVoiceRanges)).map(
    ({ rule, measure, voices }) => `${measure} ${rule} ${voices.join("-")}`,
  );

/** Soprano, alto, tenor and bass. */
const four = (S: string, A: string, T: string, B: string) => judged({ S, A, T, B });

describe("checkVoiceLeading", () => {
  it("finds nothing wrong with a textbook I–IV–V7–I", () => {
    expect(four("C5 C5 B4 C5", "G4 A4 F4 E4", "E4 F4 D4 C4", "C3 F3 G3 C3")).toEqual([]);
  });

  it("finds nothing wrong with a chorale phrase that has a passing note in two voices", () => {
    expect(
      four(
        "G4:1 G4:2 D5:1 B4:3/2 A4:1/2 G4:1",
        "D4 D4:2 D4:1 D4:3/2 C4:1/2 B3:1",
        "B3 B3:2 A3:1 G3:2 G3:1",
        "G3 G3:2 F#3:1 G3:3/2 D3:1/2 E3:1",
      ),
    ).toEqual([]);
  });

  it("marks fifths and octaves that move in parallel, and not those that are repeated", () => {
    expect(four("G4 A4", "E4 F4", "C4 C4", "C3 D3")).toEqual(["1 parallel_fifths S-B"]);
    expect(four("C5 D5", "G4 G4", "E4 B3", "C3 D3")).toEqual(["1 parallel_octaves S-B"]);
    expect(four("G4 G4", "E4 E4", "C4 C4", "C3 C3")).toEqual([]);
  });

  it("does not take a fifth that becomes an octave, or contrary motion, for a parallel", () => {
    expect(judged({ S: "G4 C5", B: "C4 C4" })).toEqual([]);
    expect(judged({ S: "G4 D5", B: "C4 G3" })).toEqual([]);
  });

  it("hears parallels in notes that are shorter than those of the other voice", () => {
    expect(judged({ S: "E5:1/2 D5:1/2 C5:1", B: "G3:1 F3:1" })).toEqual(["1 parallel_fifths S-B"]);
  });

  it("marks crossed voices, also under a passing note", () => {
    expect(four("C5", "E4", "G4", "C3")).toEqual(["1 voice_crossing A-T"]);
    expect(four("C5:1 A4:1 C5:2", "Bb4:4", "E4:4", "C3:4")).toEqual(["1 voice_crossing S-A"]);
  });

  it("marks a voice that goes beyond where its neighbour was", () => {
    expect(four("E4 A4", "C4 F4", "G3 C4", "C3 F3")).toContain("1 voice_overlap S-A");
    expect(four("A4 E4", "F4 C4", "C4 G3", "F3 C3")).toContain("1 voice_overlap S-A");
    expect(four("E4 F4", "C4 C4", "G3 A3", "C3 F3")).toEqual([]);
  });

  it("marks upper voices more than an octave apart, and lets the bass be further away", () => {
    expect(four("G5", "C4", "G3", "E3")).toEqual(["1 spacing S-A"]);
    expect(four("G5", "D5", "B3", "G3")).toEqual(["1 spacing A-T"]);
    expect(four("C5", "G4", "E4", "C3")).toEqual([]);
  });

  it("marks notes outside of the ranges at the measure they are in", () => {
    expect(four("A5:4 B5:4", "D5:4 D5:4", "F4:4 G4:4", "D4:4 B3:4")).toEqual(["1 range B", "2 range S"]);
    expect(four("C4", "C4", "C4", "D2")).toEqual(["1 range B"]);
  });

  it("says nothing about a voice that rests", () => {
    expect(judged({ S: "G4 r A4", B: "C4 r r" })).toEqual([]);
  });
});
