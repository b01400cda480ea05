import type { IntervalEntry, MelodicAnalysis } from "./analysis.ts";
import type { Cantus } from "./cantus.ts";
import type { Rule, RuleSet, VoicePosition } from "./rules.ts";

const rules: Readonly<Record<Rule, string>> = {
  consonance: "is a dissonance",
  perfect_ends: "is not a perfect consonance, where a beginning or an end needs one",
  parallel_perfect: "makes parallel fifths, octaves or unisons",
  melodic_interval: "is reached by an interval that is not sung",
  tritone_outline: "completes a tritone between two turning points of the line",
  voice_crossing: "crosses the cantus",
  inner_unison: "is a unison inside the piece",
  penultimate: "is not the leading tone that the last note but one should be",
  direct_perfect: "reaches a perfect consonance in similar motion",
  imperfect_run: "is the fourth parallel third or sixth in a row",
  leap_recovery: "does not step back after a leap of more than a fourth",
  climax: "repeats the highest note",
  range: "makes the range wider than a tenth",
};

interface Told {
  readonly cantus: Cantus;
  readonly position: VoicePosition;
  readonly ruleSet: RuleSet;
  readonly intervals: readonly IntervalEntry[];
  readonly melody: MelodicAnalysis;
  readonly violations: readonly { readonly rule: Rule; readonly measure: string; readonly note: string }[];
}

/** What was written and by which rules, in sentences. */
export function explain({ cantus, position, ruleSet, intervals, melody, violations }: Told): string[] {
  const contrary = intervals.filter(({ motion }) => motion === "contrary").length;
  const [close, end] = intervals.slice(-2);
  return [
    `The cantus is taken to be in ${cantus.final} ${cantus.mode}; the new voice is ${position} it, note against note.`,
    `The ${ruleSet} rules were kept where they are hard; contrary motion and steps were preferred.`,
    `The voices begin with ${intervals[0]?.interval} and end with ${close?.interval} going to ${end?.interval}.`,
    `${contrary} of ${intervals.length - 1} moves are in contrary motion.`,
    `The line has ${melody.steps} steps and ${melody.leaps} leaps, a range of ${melody.range} and its climax on ${melody.climax}.`,
    ...(violations.length === 0 ? ["No rule is broken."] : []),
    ...violations.map(({ rule, measure, note }) => `In measure ${measure} ${note} ${rules[rule]}.`),
  ];
}
