import type { Candidate } from "./candidates.ts";
import { freeLeap, longestRun, price, type RuleSet, tritone } from "./rules.ts";
import { isSingable, type Tone } from "./tone.ts";

const impossible = Number.POSITIVE_INFINITY;

/** By letters: to stay costs more than a step, a leap costs more the wider it is. */
const moveCosts = [1.3, 0, 0.7, 1.3, 2, 3, impossible, 2.8];

/** Two notes of the new voice after each other, with those of the cantus. */
export interface Motion {
  readonly from: Candidate;
  readonly to: Candidate;
  readonly cantusFrom: Tone;
  readonly cantusTo: Tone;
}

/** What it costs to go from one note to the next over the cantus, whatever the voice did before. */
export function motionCost(motion: Motion, ruleSet: RuleSet): number {
  const { from, to } = motion;
  if (!isSingable(from.tone, to.tone)) return impossible;
  const own = to.tone.midi - from.tone.midi;
  const other = motion.cantusTo.midi - motion.cantusFrom.midi;
  if (to.isPerfect && own !== 0 && other !== 0) {
    if (to.interval === from.interval) return impossible;
    if (own * other > 0) return price("direct_perfect", ruleSet) + 1 + moveCost(motion);
  }
  return moveCost(motion) + (own * other < 0 ? 0 : own * other > 0 ? 0.9 : 0.5);
}

function moveCost({ from, to }: Motion): number {
  return moveCosts[Math.abs(to.tone.step - from.tone.step)] ?? impossible;
}

/** How many thirds, or sixths, have followed each other in parallel motion, this one counted. */
export function runLength({ from, to, cantusFrom, cantusTo }: Motion, before: number): number {
  const isParallel = (to.tone.midi - from.tone.midi) * (cantusTo.midi - cantusFrom.midi) > 0;
  if (to.isPerfect || to.interval !== from.interval || !isParallel) return 1;
  return Math.min(before, longestRun) + 1;
}

export function runCost(length: number, ruleSet: RuleSet): number {
  return length > longestRun ? price("imperfect_run", ruleSet) : 0;
}

/** What two moves of the new voice after each other cost, in semitones and with the letters of the second. */
export function lineCost(before: number, move: number, steps: number, ruleSet: RuleSet): number {
  const turnsByStep = Math.abs(steps) === 1 && move * before < 0;
  if (Math.abs(before) > freeLeap && !turnsByStep) return price("leap_recovery", ruleSet);
  if (before === 0 && move === 0) return 4;
  return Math.abs(before) > 2 && Math.abs(move) > 2 ? (before * move > 0 ? 2 : 0.5) : 0;
}

/** What a stretch of the line in one direction costs that comes to its end. */
export function outlineCost(from: Tone, to: Tone, ruleSet: RuleSet): number {
  return Math.abs(to.midi - from.midi) === tritone ? price("tritone_outline", ruleSet) : 0;
}
