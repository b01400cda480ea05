import { z } from "zod";
import { findScore, listScores } from "../../../../application/queries/scores.ts";
import { analyzeHarmony } from "../../../../domain/music/harmony.ts";
import { scoreInfo } from "../../../../domain/music/info.ts";
import { analyzeKey } from "../../../../domain/music/key.ts";
import { existingScore } from "./arguments.ts";
import { tool } from "./tool.ts";
import { inTurns } from "./work.ts";

/** The tools that read and analyse. */
export const analysisTools = [
  tool({
    name: "list_scores",
    description: "List all scores: the library that is there from the start, and what was added.",
    scope: "read",
    input: z.strictObject({}),
    async run(_input, { context }) {
      const scores = await listScores(context);
      return { status: "success", total_count: scores.length, scores };
    },
  }),
  tool({
    name: "get_score_info",
    description: "Tell what a score is made of: parts, measures, notes, time, tempo and structure.",
    scope: "read",
    input: z.strictObject({
      score_id: existingScore,
      include_instruments: z.boolean("must be true or false").default(true).describe("tell of each part"),
      include_structure: z.boolean("must be true or false").default(true).describe("tell of the measures"),
    }),
    async run({ score_id, ...options }, { context, results }) {
      const { key, score } = await findScore(context, score_id);
      const info = await results.of(["info", key, options], () => scoreInfo(score, options));
      return { score_id, ...info };
    },
  }),
  tool({
    name: "analyze_key",
    description:
      "Find the key of a whole score (Krumhansl-Schmuckler): the best one, how well it correlates, and the runners-up.",
    scope: "read",
    input: z.strictObject({
      score_id: existingScore,
      algorithm: z
        .enum(
          ["all", "krumhansl", "aarden", "temperley", "bellman"],
          "must be all, krumhansl, aarden, temperley or bellman",
        )
        .default("all")
        .describe("whose key profiles to compare with"),
    }),
    async run({ score_id, algorithm }, { context, results }) {
      const { key, score } = await findScore(context, score_id);
      return { score_id, ...(await results.of(["key", key, algorithm], () => analyzeKey(score, algorithm))) };
    },
  }),
  tool({
    name: "analyze_harmony",
    description:
      "Find the chords of a score, as roman numerals in its key, measure by measure, and its cadences.",
    scope: "read",
    input: z.strictObject({ score_id: existingScore }),
    async run({ score_id }, { context, results, work }) {
      const { key, score } = await findScore(context, score_id);
      return {
        score_id,
        ...(await results.of(["harmony", key], () => inTurns(analyzeHarmony(score), work))),
      };
    },
  }),
];
