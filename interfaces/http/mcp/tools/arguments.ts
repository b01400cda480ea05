import { z } from "zod";

/** The id of a score that is there. */
export const existingScore = z
  .string("expected the ID of a score, such as bach_invention_1")
  .min(1, "expected the ID of a score, such as bach_invention_1")
  .max(200, "is too long")
  .describe("ID of a score; list_scores names them");

/** The id of a score that is to be made. */
export const newScore = z
  .string("expected an ID for the new score")
  .min(1, "expected an ID for the new score")
  .max(64, "must have at most 64 characters")
  .describe("ID for the new score: letters, digits, dots, underscores and hyphens");
