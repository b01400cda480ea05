import { describe, expect, it } from "vitest";
import { pitchRange, scoreInfo } from "../../../domain/music/info.ts";
import { ticksPerQuarter } from "../../../domain/music/score.ts";
import { summaryOf } from "../../../domain/music/summary.ts";
import { shortScore } from "./support.ts";

const all = { include_instruments: true, include_structure: true };

const duet = shortScore(
  { Violin: "G4:1 | B4 D5 G5:2 | F#5:1 A5 D6:2", Cello: "r:1 | G3:4 | D3:4" },
  {
    title: "Duet",
    composer: "Anon.",
    upbeat: 1,
    keys: [{ onset: 0, fifths: 1, mode: "major" }],
    tempos: [
      { onset: 0, bpm: 60, text: "Adagio" },
      { onset: 5 * ticksPerQuarter, bpm: 120 },
    ],
  },
);

describe("scoreInfo", () => {
  it("counts parts, measures, notes and quarters", () => {
    expect(scoreInfo(duet, all)).toMatchObject({
      status: "success",
      exists: true,
      metadata: { title: "Duet", composer: "Anon." },
      num_parts: 2,
      num_measures: 3,
      num_notes: 9,
      duration_quarters: 9,
      instruments: ["Violin", "Cello"],
      time_signatures: [{ measure: "0", signature: "4/4" }],
    });
  });

  it("adds up the time under each tempo: 5 quarters at 60 and 4 at 120", () => {
    const info = scoreInfo(duet, all);
    expect(info.duration_seconds).toBe(7);
    expect(info.tempo_bpm).toBe(60);
    expect(info.tempo_markings).toEqual([
      { measure: "0", bpm: 60, text: "Adagio" },
      { measure: "2", bpm: 120 },
    ]);
  });

  it("takes 120 where no tempo is given, and until the first one", () => {
    expect(scoreInfo(shortScore({ p: "C4:4" }), all)).toMatchObject({ tempo_bpm: 120, duration_seconds: 2 });
    const late = shortScore({ p: "C4:8" }, { tempos: [{ onset: 4 * ticksPerQuarter, bpm: 60 }] });
    expect(scoreInfo(late, all).duration_seconds).toBe(6);
  });

  it("names sections by their measures where the key or the time changes, and only there", () => {
    const piece = shortScore(
      { p: "C4:16" },
      {
        keys: [
          { onset: 0, fifths: -3, mode: "minor" },
          { onset: 4 * ticksPerQuarter, fifths: -3, mode: "minor" },
          { onset: 8 * ticksPerQuarter, fifths: 0, mode: "major" },
        ],
      },
    );
    expect(scoreInfo(piece, all).structure?.sections).toEqual([
      { from_measure: "1", to_measure: "2", measures: 2, key_signature: -3, time_signature: "4/4" },
      { from_measure: "3", to_measure: "4", measures: 2, key_signature: 0, time_signature: "4/4" },
    ]);
  });

  it("tells where each measure begins and how long it is", () => {
    expect(scoreInfo(duet, all).structure?.measures).toEqual([
      { number: "0", offset: 0, duration_quarters: 1 },
      { number: "1", offset: 1, duration_quarters: 4 },
      { number: "2", offset: 5, duration_quarters: 4 },
    ]);
  });

  it("leaves out what was not asked for", () => {
    const info = scoreInfo(duet, { include_instruments: false, include_structure: false });
    expect(info).not.toHaveProperty("instruments");
    expect(info).not.toHaveProperty("structure");
  });

  it("says null, not an empty name, for an unknown composer", () => {
    expect(scoreInfo(shortScore({ p: "C4" }), all).metadata.composer).toBeNull();
  });
});

it("sums a score up in one line", () => {
  expect(summaryOf(duet)).toEqual({ title: "Duet", measures: 3, notes: 9, parts: 2 });
});

describe("pitchRange", () => {
  it("compares by sound and answers as written", () => {
    expect(pitchRange(shortScore({ a: "B#3 C5 Cb6", b: "C#4 Bb5" }))).toEqual({
      lowest: "B#3",
      highest: "Cb6",
    });
  });

  it("has no ends where there are no notes", () => {
    expect(pitchRange(shortScore({ p: "r:4" }))).toEqual({ lowest: null, highest: null });
  });
});
