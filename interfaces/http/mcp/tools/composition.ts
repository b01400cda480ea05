import { z } from "zod";
import { addScore } from "../../../../application/commands/manage-scores.ts";
import { findScore, pieceOf } from "../../../../application/queries/scores.ts";
import { createCounterpoint } from "../../../../domain/music/counterpoint/counterpoint.ts";
import { harmonizeMelody } from "../../../../domain/music/harmonize/harmonize.ts";
import { pitchRange } from "../../../../domain/music/info.ts";
import { keyOf } from "../../../../domain/music/key.ts";
import { Declined, type Score } from "../../../../domain/music/score.ts";
import { summaryOf } from "../../../../domain/music/summary.ts";
import { transposeScore } from "../../../../domain/music/transpose.ts";
import { readScore } from "../../../../infrastructure/score-formats/read-score.ts";
import { writeMusicXml } from "../../../../infrastructure/score-formats/write-musicxml.ts";
import { existingScore, newScore } from "./arguments.ts";
import { tool } from "./tool.ts";
import { inTurns } from "./work.ts";

/** A key or an interval as a part of an id, so that different ones stay different. */
const idPart = (text: string): string =>
  text
    .replaceAll("#", "_sharp")
    .replace(/^-/, "down_")
    .replace(/[^A-Za-z0-9]+/g, "_");

/** A score that comes from outside: a piece of the library under another id, or text. */
function sourceOf(
  source: string,
  type: "auto" | "file" | "corpus" | "text",
): { score: Score; format: string } {
  if (type === "file")
    throw new Declined(
      "source_type 'file' is not there: the server reads no files; send the text of the file",
    );
  const piece = type === "text" ? undefined : pieceOf(source);
  if (piece) return { score: piece, format: "corpus" };
  if (type === "corpus") throw new Declined("The corpus has no such piece; list_scores names what is there");
  return readScore(source);
}

/** The tools that make scores. */
export const compositionTools = [
  tool({
    name: "import_score",
    description:
      "Add a score from text: MusicXML, ABC, or a note list such as 'C4:q D4:q [C4 E4 G4]:h'; or a piece of the corpus by its ID.",
    scope: "write",
    input: z.strictObject({
      score_id: newScore,
      source: z
        .string("expected MusicXML, ABC or a note list as text, or the ID of a piece of the corpus")
        .min(1, "expected MusicXML, ABC or a note list as text, or the ID of a piece of the corpus")
        .describe("the text of the score, or the ID of a piece of the corpus"),
      source_type: z
        .enum(["auto", "file", "corpus", "text"], "must be auto, file, corpus or text")
        .default("auto")
        .describe("what source is; file is not there, for the server reads no files"),
    }),
    async run({ score_id, source, source_type }, { context, metadata }) {
      const { score, format } = sourceOf(source, source_type);
      await addScore(context, { scoreId: score_id, score, origin: { how: "imported", format } }, metadata);
      const { notes, measures, parts } = summaryOf(score);
      return {
        status: "success",
        score_id,
        source_type: format === "corpus" ? "corpus" : "text",
        format,
        num_notes: notes,
        num_measures: measures,
        num_parts: parts,
        pitch_range: pitchRange(score),
      };
    },
  }),
  tool({
    name: "transpose_score",
    description: "Transpose a score by an interval (P5, -m3, or semitones) or to a key, into a new score.",
    scope: "write",
    input: z
      .strictObject({
        score_id: existingScore,
        interval: z
          .string("expected an interval such as P5, -m3 or 2")
          .max(20, "expected an interval such as P5, -m3 or 2")
          .optional()
          .describe("P5 up, -m3 down, or a number of semitones"),
        to_key: z
          .string("expected a key such as Eb major")
          .max(40, "expected a key such as Eb major")
          .optional()
          .describe("the key to transpose to, such as Eb major"),
        new_score_id: newScore.optional(),
      })
      .refine(
        ({ interval, to_key }) => (interval === undefined) !== (to_key === undefined),
        "expected either interval or to_key",
      ),
    async run({ score_id, interval, to_key, new_score_id }, { context, metadata }) {
      const { score } = await findScore(context, score_id);
      const made = transposeScore(score, interval === undefined ? { to_key: to_key ?? "" } : { interval });
      const scoreId = new_score_id ?? `${score_id}_${idPart(to_key ?? interval ?? "")}`;
      const origin = { how: "transposed", from: score_id } as const;
      await addScore(context, { scoreId, score: made.score, origin }, metadata);
      return {
        status: "success",
        score_id: scoreId,
        interval: made.interval,
        from_key: made.from_key,
        to_key: made.to_key,
        musicxml: writeMusicXml(made.score),
      };
    },
  }),
  tool({
    name: "harmonize_melody",
    description: "Set a melody for four voices, with voice leading that is checked, into a new score.",
    scope: "write",
    input: z.strictObject({
      score_id: existingScore,
      style: z
        .enum(["classical", "jazz", "pop", "modal"], "must be classical, jazz, pop or modal")
        .default("classical")
        .describe("which chords and progressions"),
      voice_parts: z.number("must be 4").default(4).describe("4; no other number is there"),
      include_explanations: z.boolean("must be true or false").default(true).describe("say why"),
      new_score_id: newScore.optional(),
    }),
    async run({ score_id, new_score_id, ...options }, { context, metadata, work }) {
      const { score } = await findScore(context, score_id);
      const steps = harmonizeMelody(score, { ...options, key: keyOf(score) });
      const { score: made, ...told } = await inTurns(steps, work);
      const scoreId = new_score_id ?? `${score_id}_harmonized_${options.style}`;
      const origin = { how: "harmonized", from: score_id } as const;
      await addScore(context, { scoreId, score: made, origin }, metadata);
      return { ...told, harmonized_score_id: scoreId, musicxml: writeMusicXml(made) };
    },
  }),
  tool({
    name: "create_counterpoint",
    description: "Write a first-species counterpoint above or below a cantus firmus, into a new score.",
    scope: "write",
    input: z.strictObject({
      score_id: existingScore,
      species: z
        .enum(["first", "second", "third", "fourth", "fifth"], "must be first")
        .default("first")
        .describe("first; the others are not there yet"),
      voice_position: z
        .enum(["above", "below"], "must be above or below")
        .default("above")
        .describe("where the new voice is"),
      rule_set: z.enum(["strict", "relaxed"], "must be strict or relaxed").default("strict"),
      mode: z
        .enum(
          ["ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "major", "minor"],
          "must be a church mode, major or minor",
        )
        .optional()
        .describe("taken from the cantus where it is not given"),
      new_score_id: newScore.optional(),
    }),
    async run({ score_id, new_score_id, ...options }, { context, metadata, work }) {
      const { score } = await findScore(context, score_id);
      const { score: made, ...told } = await inTurns(createCounterpoint(score, options), work);
      const scoreId = new_score_id ?? `${score_id}_counterpoint_${options.voice_position}`;
      const origin = { how: "counterpoint", from: score_id } as const;
      await addScore(context, { scoreId, score: made, origin }, metadata);
      return { ...told, counterpoint_score_id: scoreId, musicxml: writeMusicXml(made) };
    },
  }),
];
