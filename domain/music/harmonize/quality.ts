import type { Score } from "../score.ts";
import { checkVoiceLeading, fourVoiceRanges, type VoiceLeadingViolation } from "../voice-leading.ts";
import type { Span } from "./melody.ts";
import { brokenTendency, type Tendency } from "./tendency.ts";
import type { Voicing } from "./voicings.ts";

export interface Violation {
  readonly rule: VoiceLeadingViolation["rule"] | Tendency;
  /** As printed. */
  readonly measure: string;
  readonly voices: readonly string[];
}

export interface VoiceLeadingQuality {
  /** The share of chords without a violation, 0 to 1. */
  readonly score: number;
  readonly violations: readonly Violation[];
}

/** Judges the finished score, whatever the search believed. Yields the fraction done. */
export function* judge(
  score: Score,
  spans: readonly Span[],
  voicings: readonly Voicing[],
): Generator<number, VoiceLeadingQuality> {
  const found = yield* checkVoiceLeading(score, fourVoiceRanges);
  const violations = [...found, ...unresolved(score, spans, voicings)];
  const share = violations.length / Math.max(1, spans.length);
  return { score: Math.round(Math.max(0, 1 - share) * 1000) / 1000, violations };
}

/** Leading tones and sevenths that do not go where they lead, at the measure of the chord they belong to. */
function unresolved(score: Score, spans: readonly Span[], voicings: readonly Voicing[]): Violation[] {
  return voicings.flatMap((voicing, index) => {
    const [next, span] = [voicings[index + 1], spans[index]];
    if (!next || !span) return [];
    return score.parts.flatMap(({ name }, voice) => {
      const from = voice === 0 ? span.last : (voicing.pitches[voice] ?? 0);
      const rule = brokenTendency(from, next.pitches[voice] ?? 0, voicing.chord, next.chord);
      return rule ? [{ rule, measure: span.measure, voices: [name] }] : [];
    });
  });
}
