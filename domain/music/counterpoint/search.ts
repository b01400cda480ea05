import { type Candidate, candidatesOf } from "./candidates.ts";
import type { Cantus } from "./cantus.ts";
import { lineCost, motionCost, outlineCost, runCost, runLength } from "./motion.ts";
import { price, type RuleSet, tritone, type VoicePosition, widestRange } from "./rules.ts";
import type { Tone } from "./tone.ts";

/** The notes of the new voice, or the index of the note of the cantus that no way leads to. */
export type Outcome = { readonly tones: readonly Tone[] } | { readonly failedAt: number };

/** A beginning of the new voice, with all of its past that the rules ask about. */
interface Way {
  readonly candidate: Candidate;
  /** Semitones of the last move. */
  readonly move: number;
  readonly run: number;
  /** Where the line began to move in the direction that it has. */
  readonly turn: Tone;
  readonly climaxSeen: boolean;
  readonly cost: number;
  readonly before: Way | undefined;
}

/**
 * The cheapest voice that keeps the hard rules. The search is complete: of all beginnings that look alike to the
 * rules it keeps the cheapest, for each note that could be the climax. Time grows with the length of the cantus
 * and with the number of those. Yields the fraction done.
 */
export function* searchVoice(
  cantus: Cantus,
  position: VoicePosition,
  ruleSet: RuleSet,
): Generator<number, Outcome> {
  const candidates = candidatesOf(cantus, position, ruleSet);
  const empty = candidates.findIndex((some) => some.length === 0);
  if (empty >= 0) return { failedAt: empty };
  const all = candidates.flatMap((some) => some.map(({ tone }) => [tone.midi, tone] as const));
  const tops = [...new Map(all).values()];
  let best: Way | undefined;
  let failedAt = 0;
  for (const [index, top] of tops.entries()) {
    const work = underClimax(cantus, candidates, top, ruleSet);
    let step = work.next();
    for (; !step.done; step = work.next()) yield (index + step.value) / tops.length;
    const outcome = step.value;
    if (typeof outcome === "number") failedAt = Math.max(failedAt, outcome);
    else if (!best || outcome.cost < best.cost) best = outcome;
  }
  return best ? { tones: unwind(best) } : { failedAt };
}

function isInRange(tone: Tone, top: Tone, ruleSet: RuleSet): boolean {
  const [steps, semitones] = widestRange[ruleSet];
  return tone.midi <= top.midi && top.step - tone.step <= steps && top.midi - tone.midi <= semitones;
}

/** The cheapest voice whose highest note is `top`, or the index where there is none. */
function* underClimax(
  cantus: Cantus,
  candidates: readonly Candidate[][],
  top: Tone,
  ruleSet: RuleSet,
): Generator<number, Way | number> {
  let ways: readonly Way[] = [];
  for (const [index, some] of candidates.entries()) {
    const inRange = some.filter(({ tone }) => isInRange(tone, top, ruleSet));
    const [from, to] = [cantus.tones[index - 1], cantus.tones[index]];
    ways = from && to ? continued(ways, inRange, { from, to, top, ruleSet }) : begun(inRange, top, ruleSet);
    if (ways.length === 0) return index;
    yield index / candidates.length;
  }
  const whole = ways
    .filter(({ climaxSeen }) => climaxSeen)
    .map((way) => ({ ...way, cost: way.cost + outlineCost(way.turn, way.candidate.tone, ruleSet) }))
    .filter(({ cost }) => Number.isFinite(cost));
  if (whole.length === 0) return candidates.length - 1;
  return whole.reduce((best, way) => (way.cost < best.cost ? way : best));
}

function begun(candidates: readonly Candidate[], top: Tone, ruleSet: RuleSet): Way[] {
  return candidates.map((candidate) => ({
    candidate,
    move: 0,
    run: 1,
    turn: candidate.tone,
    climaxSeen: candidate.tone.midi === top.midi,
    cost: candidate.cost + rangeCost(candidate.tone, top, ruleSet),
    before: undefined,
  }));
}

interface Moment {
  /** Of the cantus. */
  readonly from: Tone;
  readonly to: Tone;
  readonly top: Tone;
  readonly ruleSet: RuleSet;
}

function continued(ways: readonly Way[], candidates: readonly Candidate[], moment: Moment): Way[] {
  const kept = new Map<number, Way>();
  for (const candidate of candidates) {
    const own = candidate.cost + rangeCost(candidate.tone, moment.top, moment.ruleSet);
    for (const way of ways) {
      const longer = extended(way, candidate, own, moment);
      if (Number.isFinite(longer.cost)) keep(longer, kept);
    }
  }
  return [...kept.values()];
}

function extended(way: Way, candidate: Candidate, own: number, { from, to, top, ruleSet }: Moment): Way {
  const motion = { from: way.candidate, to: candidate, cantusFrom: from, cantusTo: to };
  const move = candidate.tone.midi - way.candidate.tone.midi;
  const steps = candidate.tone.step - way.candidate.tone.step;
  const run = runLength(motion, way.run);
  const isTop = candidate.tone.midi === top.midi;
  const turns = move * (way.candidate.tone.midi - way.turn.midi) < 0;
  const cost =
    way.cost +
    own +
    motionCost(motion, ruleSet) +
    runCost(run, ruleSet) +
    lineCost(way.move, move, steps, ruleSet) +
    (turns ? outlineCost(way.turn, way.candidate.tone, ruleSet) : 0) +
    (isTop && way.climaxSeen ? price("climax", ruleSet) : 0);
  return {
    candidate,
    move,
    run,
    turn: turns ? way.candidate.tone : way.turn,
    climaxSeen: way.climaxSeen || isTop,
    cost,
    before: way,
  };
}

function keep(way: Way, kept: Map<number, Way>): void {
  const { candidate, move, run, turn, climaxSeen } = way;
  // Once it is wider than a tritone, a stretch only grows: its direction is all that counts.
  const stretch = Math.max(-tritone - 1, Math.min(tritone + 1, candidate.tone.midi - turn.midi));
  const key =
    (((candidate.tone.midi * 32 + move + 12) * 8 + run) * 16 + stretch + tritone + 1) * 2 +
    (climaxSeen ? 1 : 0);
  const known = kept.get(key);
  if (!known || way.cost < known.cost) kept.set(key, way);
}

/** Beyond a tenth, which only the relaxed rules allow. */
function rangeCost(tone: Tone, top: Tone, ruleSet: RuleSet): number {
  return isInRange(tone, top, "strict") ? 0 : price("range", ruleSet);
}

function unwind(last: Way): Tone[] {
  const path: Tone[] = [];
  for (let way: Way | undefined = last; way; way = way.before) path.push(way.candidate.tone);
  return path.reverse();
}
