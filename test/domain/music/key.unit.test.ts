import { describe, expect, it } from "vitest";
import { analyzeKey, keyOf } from "../../../domain/music/key.ts";
import { keyProfiles } from "../../../domain/music/key-profiles.ts";
import { Declined } from "../../../domain/music/score.ts";
import { shortScore } from "./support.ts";

const minuetInG = shortScore({
  right: "D5:1 G4:1/2 A4 B4 C5 | D5:1 G4 G4 | E5:1 C5:1/2 D5 E5 F#5 | G5:1 G4 G4",
  left: "G3+B3+D4:2 A3:1 | B3:3 | C4:3 | B3:3",
});
const bwv847 = shortScore({
  right:
    "C5:1/4 Eb4 D4 Eb4 C4 Eb4 D4 Eb4 C5 Eb4 D4 Eb4 C4 Eb4 D4 Eb4 Ab4 F4 E4 F4 C4 F4 E4 F4 B4 F4 Eb4 F4 D4 F4 Eb4 F4",
  left: "C3:1/4 G3 F3 G3 Eb3 G3 F3 G3 C3 G3 F3 G3 Eb3 G3 F3 G3 C3 Ab3 G3 Ab3 F3 Ab3 G3 Ab3 C3 Ab3 G3 Ab3 F3 Ab3 G3 Ab3",
});
const scale = "F#4:2 G#4:1 A#4 B4 C#5 D#5 E#5 F#5:2 C#5:1 A#4 F#4:2";

describe("analyzeKey", () => {
  it.each(["all", "krumhansl", "aarden", "temperley", "bellman"] as const)(
    "finds well-known keys by %s",
    (algorithm) => {
      expect(analyzeKey(minuetInG, algorithm).key).toBe("G major");
      expect(analyzeKey(bwv847, algorithm).key).toBe("C minor");
    },
  );

  it("correlates fully with a score whose durations are a profile", () => {
    const names = ["D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B", "C", "C#"];
    const line = keyProfiles.krumhansl.major.map((weight, degree) => `${names[degree]}4:${weight * 100}`);
    const { key, confidence } = analyzeKey(shortScore({ p: line.join(" ") }), "krumhansl");
    expect({ key, confidence }).toEqual({ key: "D major", confidence: 1 });
  });

  it("answers Pearson's coefficient: for a lone C, that of the tonic in the profile", () => {
    // r = (6.35 - 3.4825) / sqrt(19.1462) * sqrt(12 / 11), worked out apart from this code.
    const stated = { keys: [{ onset: 0, fifths: 0, mode: "major" }] } as const;
    const { confidence } = analyzeKey(shortScore({ p: "C4" }, stated), "krumhansl");
    expect(confidence).toBe(0.6845);
  });

  it("weighs by duration and not by count", () => {
    const long = shortScore({ p: "C4:16 E4 G4 C4:1/4 C#4 D#4 F#4 G#4 A#4 C#4 D#4 F#4 G#4 A#4 C#4 D#4 F#4" });
    expect(analyzeKey(long, "all").key).toBe("C major");
  });

  it("ranks the others: the runner-up first, none above the winner, the relative key and a neighbour among them", () => {
    const { confidence, alternatives, key } = analyzeKey(minuetInG, "all");
    const ranks = [confidence, ...alternatives.map((other) => other.confidence)];
    expect(alternatives.length).toBeGreaterThanOrEqual(4);
    expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
    expect(alternatives.map((other) => other.key)).not.toContain(key);
    expect(alternatives.map((other) => other.key)).toEqual(expect.arrayContaining(["C major", "E minor"]));
  });

  it("decides by the mean of the four coefficients", () => {
    const { key, confidence, algorithm_results } = analyzeKey(minuetInG, "all");
    const results = Object.values(algorithm_results);
    expect(Object.keys(algorithm_results)).toEqual(["krumhansl", "aarden", "temperley", "bellman"]);
    expect(results.every((result) => result.key === key)).toBe(true);
    const mean = results.reduce((sum, result) => sum + result.confidence, 0) / results.length;
    expect(confidence).toBeCloseTo(mean, 3);
  });

  it("reports the one algorithm asked for, with its runner-up", () => {
    const { alternatives, algorithm_results } = analyzeKey(minuetInG, "bellman");
    expect(Object.keys(algorithm_results)).toEqual(["bellman"]);
    expect(algorithm_results.bellman?.runner_up).toEqual(alternatives[0]);
  });

  it("spells the key as the notes are spelled", () => {
    const flats = "Gb4:2 Ab4:1 Bb4 Cb5 Db5 Eb5 F5 Gb5:2 Db5:1 Bb4 Gb4:2";
    expect(analyzeKey(shortScore({ p: scale }), "all").key).toBe("F# major");
    expect(analyzeKey(shortScore({ p: flats }), "all").key).toBe("Gb major");
    const gSharpMinor = "G#4:2 A#4:1 B4 C#5 D#5 E5 Fx5 G#5:2 D#5:1 B4 G#4:2";
    expect(analyzeKey(shortScore({ p: gSharpMinor }), "all").key).toBe("G# minor");
  });

  it("has no confidence where all pitch classes sound alike", () => {
    const chromatic = shortScore({ p: "C4 C#4 D4 D#4 E4 F4 F#4 G4 G#4 A4 A#4 B4" });
    expect(analyzeKey(chromatic, "all").confidence).toBe(0);
  });

  it("declines a score without notes", () => {
    expect(() => analyzeKey(shortScore({ p: "r:4" }), "all")).toThrow(Declined);
  });

  it.each(["C4", "C4 C5 C3", "C4 G4", "F#4 Gb4 B4"])("declines to tell a key from %s alone", (p) => {
    expect(() => analyzeKey(shortScore({ p }), "all")).toThrow(/fewer than three different pitch classes/);
  });

  it("answers the stated key where there are too few pitch classes, and ranks what the signature leaves open", () => {
    const thin = (mode?: "major" | "minor") =>
      shortScore({ p: "Bb3 F4" }, { keys: [{ onset: 0, fifths: -2, ...(mode && { mode }) }] });
    expect(analyzeKey(thin("minor"), "all")).toMatchObject({ key: "G minor", alternatives: [] });
    const open = analyzeKey(thin(), "all");
    expect(open).toMatchObject({ key: "Bb major", alternatives: [{ key: "G minor" }] });
    expect(open.algorithm_results.temperley).toMatchObject({ runner_up: { key: "G minor" } });
  });
});

describe("keyOf", () => {
  const ambiguous = "D3+F4+A4+D5:2 A2+E4+A4+C#5 | D3+F#4+A4+D5:4";

  it("takes the key that the first key signature states", () => {
    const stated = shortScore({ p: ambiguous }, { keys: [{ onset: 0, fifths: -1, mode: "minor" }] });
    expect(keyOf(stated)).toEqual({ tonic: "D", mode: "minor" });
  });

  it("listens where the signature names no mode", () => {
    const open = shortScore({ p: ambiguous }, { keys: [{ onset: 0, fifths: -1 }] });
    expect(keyOf(open)).toEqual({ tonic: "D", mode: "major" });
  });
});
