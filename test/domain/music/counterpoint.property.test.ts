import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CounterpointOptions,
  createCounterpoint,
} from "../../../domain/music/counterpoint/counterpoint.ts";
import { Declined } from "../../../domain/music/score.ts";
import { finish } from "./finish.ts";
import { shortScore } from "./support.ts";

const letters = "CDEFGAB";
const naturals = [0, 2, 4, 5, 7, 9, 11];

interface Heard {
  readonly letter: number;
  readonly semitone: number;
}

/** A pitch, read without the help of the product or of tonal. */
function heard(pitch: string): Heard {
  const [, letter = "C", accidental = "", octave = "4"] = /^([A-G])([#b]*)(\d)$/.exec(pitch) ?? [];
  const index = letters.indexOf(letter);
  const altered = accidental.startsWith("b") ? -accidental.length : accidental.length;
  return {
    letter: index + 7 * Number(octave),
    semitone: (naturals[index] ?? 0) + altered + 12 * Number(octave),
  };
}

const wellSung = new Set(["0 0", "1 1", "1 2", "2 3", "2 4", "3 5", "4 7", "5 8", "5 9", "7 12"]);
const wellSounding = new Set(["0 0", "2 3", "2 4", "4 7", "5 8", "5 9"]);

/** The rules of first species that hold in every set, told again in another way than the product tells them. */
function hardFaults(cantus: readonly string[], line: readonly string[], isAbove: boolean): string[] {
  const pairs = line.map((note, index) => {
    const [own, given] = [heard(note), heard(cantus[index] ?? "")];
    const [low, high] = isAbove ? [given, own] : [own, given];
    return { own, given, letters: high.letter - low.letter, semitones: high.semitone - low.semitone };
  });
  return pairs.flatMap((now, index) => {
    const faults: string[] = [];
    if (now.letters < 0 || now.semitones < 0) faults.push("crossing");
    if (!wellSounding.has(`${now.letters % 7} ${now.semitones % 12}`)) faults.push("dissonance");
    const isEnd = index === 0 || index === pairs.length - 1;
    if (isEnd && now.semitones % 12 !== 0 && !(isAbove && now.semitones % 12 === 7)) faults.push("end");
    const before = pairs[index - 1];
    if (!before) return faults;
    const [step, size] = [now.own.letter - before.own.letter, now.own.semitone - before.own.semitone];
    const sign = step < 0 ? -1 : 1;
    if (!wellSung.has(`${sign * step} ${sign * size}`)) faults.push("melody");
    const bothMove = size !== 0 && now.given.semitone !== before.given.semitone;
    const stays = now.semitones % 12 === before.semitones % 12 && [0, 7].includes(now.semitones % 12);
    if (bothMove && stays) faults.push("parallel");
    return faults;
  });
}

/** Those that the strict set adds. */
function strictFaults(cantus: readonly string[], line: readonly string[], isAbove: boolean): string[] {
  const own = line.map((note) => heard(note).semitone);
  const given = cantus.map((note) => heard(note).semitone);
  const faults: string[] = [];
  const gap = own.map((semitone, index) => Math.abs(semitone - (given[index] ?? 0)));
  const move = (voice: readonly number[], index: number) => (voice[index] ?? 0) - (voice[index - 1] ?? 0);
  const isParallelThirdOrSixth = (index: number) => {
    const kinds = [gap[index - 1], gap[index]].map((size) =>
      [3, 4].includes((size ?? 0) % 12) ? 3 : [8, 9].includes((size ?? 0) % 12) ? 6 : 0,
    );
    return kinds[0] !== 0 && kinds[0] === kinds[1] && move(own, index) * move(given, index) > 0;
  };
  if (Math.max(...own) - Math.min(...own) > 16) faults.push("range");
  if (own.filter((semitone) => semitone === Math.max(...own)).length > 1) faults.push("climax");
  const heights = own.filter((semitone, index) => semitone !== own[index - 1]);
  const turns = heights.filter((height, index) => {
    const [before, after] = [heights[index - 1], heights[index + 1]];
    return before === undefined || after === undefined || before < height === after < height;
  });
  if (turns.some((turn, index) => index > 0 && Math.abs(turn - (turns[index - 1] ?? turn)) === 6))
    faults.push("tritone");
  if ((gap.at(-2) ?? 0) % 12 !== (isAbove ? 9 : 3)) faults.push("close");
  for (let index = 1; index < own.length; index++) {
    if (index < own.length - 1 && gap[index] === 0) faults.push("unison");
    const isPerfect = [0, 7].includes((gap[index] ?? 0) % 12);
    if (isPerfect && move(own, index) * move(given, index) > 0) faults.push("direct");
    if (index > 3 - 1 && [index, index - 1, index - 2].every((at) => at > 0 && isParallelThirdOrSixth(at)))
      faults.push("run");
    const leap = index > 1 ? move(own, index - 1) : 0;
    const isStepBack = Math.abs(move(own, index)) <= 2 && move(own, index) * leap < 0;
    if (Math.abs(leap) > 5 && !isStepBack) faults.push("leap");
  }
  return faults;
}

const white = ["A3", "B3", "C4", "D4", "E4", "F4", "G4", "A4", "B4", "C5"];
const finals = ["C4", "D4", "E4", "F4", "G4", "A4"];

/** Melodies of the white keys that move by no more than a fifth and step down to their end. */
const cantusFirmus = (inner: { minLength: number; maxLength: number }) =>
  fc
    .record({ final: fc.constantFrom(...finals), moves: fc.array(fc.integer({ min: -4, max: 4 }), inner) })
    .map(({ final, moves }) => {
      const end = white.indexOf(final);
      const places = [end];
      for (const move of moves) places.push(Math.min(9, Math.max(0, (places.at(-1) ?? end) + move)));
      return [...places.map((place) => white[place] ?? final), white[end + 1] ?? "D4", final];
    });

const position = fc.constantFrom("above" as const, "below" as const);

function attempt(cantus: readonly string[], options: CounterpointOptions) {
  try {
    return finish(createCounterpoint(shortScore({ Cantus: cantus.join(" ") }), options));
  } catch (error) {
    if (error instanceof Declined) return undefined;
    throw error;
  }
}

const lineOf = (result: NonNullable<ReturnType<typeof attempt>>) =>
  result.score.parts.find(({ name }) => name === "Counterpoint")?.notes.map(({ pitch }) => pitch) ?? [];

describe("createCounterpoint, for any cantus", () => {
  it("is declined or keeps every rule of the strict set", () => {
    let written = 0;
    fc.assert(
      fc.property(cantusFirmus({ minLength: 1, maxLength: 14 }), position, (cantus, voice_position) => {
        const result = attempt(cantus, { species: "first", voice_position, rule_set: "strict" });
        if (!result) return;
        written++;
        const isAbove = voice_position === "above";
        expect(hardFaults(cantus, lineOf(result), isAbove)).toEqual([]);
        expect(strictFaults(cantus, lineOf(result), isAbove)).toEqual([]);
        expect(result.rule_violations).toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect(written).toBeGreaterThan(60);
  });

  it("is declined or keeps the hard rules of the relaxed set, and reports what it breaks of the others", () => {
    const anyNotes = fc.array(fc.constantFrom(...white), { minLength: 3, maxLength: 12 });
    let written = 0;
    fc.assert(
      fc.property(anyNotes, position, (cantus, voice_position) => {
        const result = attempt(cantus, { species: "first", voice_position, rule_set: "relaxed" });
        if (!result) return;
        written++;
        const isAbove = voice_position === "above";
        expect(hardFaults(cantus, lineOf(result), isAbove)).toEqual([]);
        const isFaultless = strictFaults(cantus, lineOf(result), isAbove).length === 0;
        if (!isFaultless) expect(result.rule_violations).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect(written).toBeGreaterThan(50);
  });

  it("is declined only where trying all lines finds none", () => {
    const outcomes = new Set<boolean>();
    fc.assert(
      fc.property(cantusFirmus({ minLength: 0, maxLength: 2 }), position, (cantus, voice_position) => {
        const options = { species: "first", voice_position, rule_set: "strict", mode: "ionian" } as const;
        const inC = cantus.with(-1, "C4").with(-2, "D4");
        const exists = someLine(inC, voice_position === "above");
        expect(attempt(inC, options) !== undefined).toBe(exists);
        outcomes.add(exists);
      }),
      {
        numRuns: 100,
        examples: [
          [["C4", "D4", "C4"], "above"],
          [["G4", "B3", "D4", "C4"], "above"],
        ],
      },
    );
    expect([...outcomes].sort()).toEqual([false, true]);
  });
});

/** Whether any line of white keys within a twelfth of the cantus keeps all rules. */
function someLine(cantus: readonly string[], isAbove: boolean): boolean {
  const keys = [1, 2, 3, 4, 5, 6].flatMap((octave) => [...letters].map((letter) => `${letter}${octave}`));
  const extend = (line: readonly string[]): boolean => {
    if (line.length === cantus.length) {
      return hardFaults(cantus, line, isAbove).length + strictFaults(cantus, line, isAbove).length === 0;
    }
    const given = heard(cantus[line.length] ?? "").semitone;
    return keys.some((key) => {
      const gap = (heard(key).semitone - given) * (isAbove ? 1 : -1);
      return gap >= 0 && gap <= 19 && [0, 3, 4, 7, 8, 9].includes(gap % 12) && extend([...line, key]);
    });
  };
  return extend([]);
}
