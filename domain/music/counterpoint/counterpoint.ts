import { portion } from "../harmonize/portion.ts";
import { Declined, type Score } from "../score.ts";
import { measureAt } from "../timeline.ts";
import { type IntervalEntry, intervalAnalysis, type MelodicAnalysis, melodicAnalysis } from "./analysis.ts";
import { type Cantus, cantusOf, type ModeName } from "./cantus.ts";
import { brokenRules, intervalsOf, type Voices } from "./check.ts";
import { explain } from "./explain.ts";
import type { Rule, RuleSet, VoicePosition } from "./rules.ts";
import { searchVoice } from "./search.ts";

export interface CounterpointOptions {
  readonly species: "first" | "second" | "third" | "fourth" | "fifth";
  readonly voice_position: VoicePosition;
  readonly rule_set: RuleSet;
  /** Taken from the cantus where it is not given. */
  readonly mode?: ModeName | undefined;
}

export interface Counterpoint {
  readonly status: "success";
  readonly species: "first";
  /** Parts Counterpoint and Cantus firmus, the upper one first. */
  readonly score: Score;
  readonly rule_violations: readonly {
    readonly rule: Rule;
    /** As printed. */
    readonly measure: string;
    readonly note: string;
  }[];
  /** The share of notes without a violation, 0 to 1. */
  readonly rule_compliance_score: number;
  readonly interval_analysis: readonly IntervalEntry[];
  readonly melodic_analysis: MelodicAnalysis;
  readonly explanations: readonly string[];
}

/** The fraction of the work at which the voice is found. */
const checking = 0.9;

/**
 * Writes a first-species counterpoint to the first part, which is the cantus firmus. Yields the fraction done.
 * @throws Declined for another species, for a part that is no cantus firmus, and where no voice keeps the hard rules.
 */
export function* createCounterpoint(
  score: Score,
  options: CounterpointOptions,
): Generator<number, Counterpoint> {
  const { species, voice_position: position, rule_set: ruleSet } = options;
  if (species !== "first") throw new Declined(`species '${species}' is not there; 'first' is`);
  const cantus = cantusOf(score, options.mode);
  if (ruleSet === "strict") requireClose(cantus);
  const outcome = yield* portion(0, checking, searchVoice(cantus, position, ruleSet));
  if ("failedAt" in outcome) throw noWay(score, cantus, options, outcome.failedAt);
  const measures = cantus.notes.map(({ onset }) => measureAt(score, onset).number);
  const voices: Voices = {
    cantus: cantus.notes.map(({ pitch }) => pitch),
    counterpoint: outcome.tones.map(({ pitch }) => pitch),
    position,
    leadingTone: cantus.leadingTone,
  };
  const intervals = yield* portion(checking, 0.95, intervalsOf(voices));
  const broken = yield* portion(0.95, 1, brokenRules(voices, intervals));
  const violations = broken.map(({ rule, index }) => ({
    rule,
    measure: measures[index] ?? "",
    note: voices.counterpoint[index] ?? "",
  }));
  const analysis = intervalAnalysis(voices, intervals, measures);
  const melody = melodicAnalysis(voices.counterpoint);
  return {
    status: "success",
    species,
    score: withVoice(score, cantus, voices),
    rule_violations: violations,
    rule_compliance_score: Math.round(Math.max(0, 1 - violations.length / measures.length) * 1000) / 1000,
    interval_analysis: analysis,
    melodic_analysis: melody,
    explanations: explain({ cantus, position, ruleSet, intervals: analysis, melody, violations }),
  };
}

/** The close on a sixth or third needs a cantus that comes down to its final by step. */
function requireClose({ tones }: Cantus): void {
  const [before, last] = tones.slice(-2);
  if (!before || !last || before.step - last.step === 1) return;
  throw new Declined(
    `Under the strict rules a cantus firmus ends with a step down; this one goes from ${before.pitch} to ${last.pitch}. The relaxed rules allow it.`,
  );
}

function noWay(score: Score, { notes }: Cantus, options: CounterpointOptions, failedAt: number): Declined {
  const measure = measureAt(score, notes[failedAt]?.onset ?? 0).number;
  return new Declined(
    `No counterpoint ${options.voice_position} this cantus keeps the hard ${options.rule_set} rules: no way leads into measure ${measure}.`,
  );
}

function withVoice(score: Score, cantus: Cantus, { counterpoint, position }: Voices): Score {
  const given = { name: "Cantus firmus", notes: cantus.notes };
  const added = {
    name: "Counterpoint",
    notes: cantus.notes.map((note, index) => ({ ...note, pitch: counterpoint[index] ?? "" })),
  };
  return { ...score, parts: position === "above" ? [added, given] : [given, added] };
}
