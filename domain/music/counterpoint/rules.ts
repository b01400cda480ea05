/** What the rules of first species are called in the result. */
export type Rule =
  | "consonance"
  | "perfect_ends"
  | "parallel_perfect"
  | "melodic_interval"
  | "tritone_outline"
  | "voice_crossing"
  | "inner_unison"
  | "penultimate"
  | "direct_perfect"
  | "imperfect_run"
  | "leap_recovery"
  | "climax"
  | "range";

export type RuleSet = "strict" | "relaxed";

export type VoicePosition = "above" | "below";

/** Letters and semitones of a tenth and a twelfth. */
export const widestRange = { strict: [9, 16], relaxed: [11, 19] } as const satisfies Record<
  RuleSet,
  readonly number[]
>;

/** Semitones above which a leap must be recovered: those of a fourth. */
export const freeLeap = 5;

/** Semitones that may not lie between two turning points of the line, through which it moves in one direction. */
export const tritone = 6;

/** Thirds or sixths in parallel motion that may follow each other. */
export const longestRun = 3;

/** What breaking a rule costs where it is not hard; the rules that are missing here are hard in both sets. */
const prices: Partial<Record<Rule, number>> = {
  inner_unison: 8,
  penultimate: 12,
  direct_perfect: 8,
  imperfect_run: 8,
  leap_recovery: 8,
  tritone_outline: 8,
  climax: 6,
  range: 20,
};

/** What it costs to break a rule; infinity where it is hard. */
export function price(rule: Rule, ruleSet: RuleSet): number {
  return ruleSet === "strict" ? Number.POSITIVE_INFINITY : (prices[rule] ?? Number.POSITIVE_INFINITY);
}
