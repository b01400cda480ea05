import { describe, expect, it } from "vitest";
import { library } from "../../../domain/music/library/index.ts";
import { ticksPerQuarter as q } from "../../../domain/music/score.ts";
import { midiOf } from "../../../domain/music/spelling.ts";

function notesOf(id: string, part = 0) {
  const notes = library.get(id)?.parts[part]?.notes;
  if (!notes) throw new Error(`${id} has no part ${part}.`);
  return notes;
}

const pitches = (id: string, part = 0) => notesOf(id, part).map(({ pitch }) => pitch);

it("has these pieces", () => {
  expect([...library.keys()]).toEqual([
    "bach_chorale",
    "bach_invention_1",
    "frere_jacques",
    "fux_dorian",
    "greensleeves",
    "ode_to_joy",
    "twinkle",
  ]);
  expect(library.has("bach_invention_2")).toBe(false);
  expect(library.get("twinkle")).toBe(library.get("twinkle"));
});

it.each([...library])("%s fills its measures in each part", (_, { parts, measures }) => {
  const last = measures.at(-1);
  const end = (last?.onset ?? 0) + (last?.duration ?? 0);
  const ends = parts.map(({ notes }) => Math.max(...notes.map(({ onset, duration }) => onset + duration)));
  expect(Math.max(...ends)).toBe(end);
  for (const { notes } of parts) expect(notes.every(({ duration }) => duration > 0)).toBe(true);
});

describe("bach_invention_1", () => {
  it("begins with the subject, which the left hand answers an octave lower", () => {
    expect(pitches("bach_invention_1").slice(0, 11)).toEqual("C4 D4 E4 F4 D4 E4 C4 G4 C5 B4 C5".split(" "));
    expect(notesOf("bach_invention_1")[0]).toEqual({ pitch: "C4", onset: q / 4, duration: q / 4 });
    expect(pitches("bach_invention_1", 1).slice(0, 9)).toEqual("C3 D3 E3 F3 D3 E3 C3 G3 G2".split(" "));
    expect(notesOf("bach_invention_1", 1)[0]?.onset).toBe(2.25 * q);
  });

  it("has its subject in the left hand in measure 7, in G major", () => {
    const [subject, answer] = [notesOf("bach_invention_1").slice(0, 7), notesOf("bach_invention_1", 1)];
    const inSeven = answer.filter(({ onset }) => onset >= 24 * q).slice(0, 7);
    expect(inSeven.map(({ pitch }) => midiOf(pitch) + 17)).toEqual(subject.map(({ pitch }) => midiOf(pitch)));
    expect(inSeven.map(({ onset }) => onset - 24 * q)).toEqual(subject.map(({ onset }) => onset));
  });

  it("has 22 measures and ends on C major", () => {
    expect(library.get("bach_invention_1")?.measures).toHaveLength(22);
    expect(pitches("bach_invention_1").slice(-3)).toEqual(["E4", "G4", "C5"]);
    expect(pitches("bach_invention_1", 1).slice(-2)).toEqual(["C2", "C3"]);
    expect([notesOf("bach_invention_1").length, notesOf("bach_invention_1", 1).length]).toEqual([240, 218]);
  });
});

describe("bach_chorale", () => {
  it("has four voices, of which only the tenor goes over the alto, at the turn of measure 12", () => {
    const heights = (tick: number) =>
      [0, 1, 2, 3].map((part) => {
        const sounding = ({ onset, duration }: { onset: number; duration: number }) =>
          onset <= tick && tick < onset + duration;
        return midiOf(notesOf("bach_chorale", part).find(sounding)?.pitch ?? "");
      });
    const crossings: [number, number][] = [];
    for (let eighth = 0; eighth < 13 * 8; eighth += 1)
      for (const [upper, height] of heights((eighth * q) / 2).entries())
        if (height < (heights((eighth * q) / 2)[upper + 1] ?? 0)) crossings.push([upper, eighth / 2]);
    expect(crossings).toEqual([
      [1, 43.5],
      [1, 44],
    ]);
  });

  it("ends with a Picardy third", () => {
    expect([0, 1, 2, 3].map((part) => pitches("bach_chorale", part).at(-1))).toEqual([
      "E4",
      "B3",
      "G#3",
      "E3",
    ]);
  });
});

it("fux_dorian is the cantus firmus of Fux", () => {
  expect(pitches("fux_dorian")).toEqual("D4 F4 E4 D4 G4 F4 A4 G4 F4 E4 D4".split(" "));
});

it("ode_to_joy anticipates its last phrase by a beat", () => {
  expect(notesOf("ode_to_joy")).toContainEqual({ pitch: "F#4", onset: 47 * q, duration: 2 * q });
});

it("frere_jacques is a round: each voice is the first one, two measures later", () => {
  const first = notesOf("frere_jacques");
  for (const part of [1, 2, 3])
    expect(notesOf("frere_jacques", part)).toEqual(
      first.map((note) => ({ ...note, onset: note.onset + part * 8 * q })),
    );
});

it("greensleeves begins with an upbeat", () => {
  const measures = library.get("greensleeves")?.measures ?? [];
  expect(measures[0]).toEqual({ number: "0", onset: 0, duration: q / 2 });
  expect(measures).toHaveLength(17);
});

it("twinkle has the form A B A", () => {
  const all = pitches("twinkle");
  expect(all).toHaveLength(42);
  expect(all.slice(28)).toEqual(all.slice(0, 14));
});
