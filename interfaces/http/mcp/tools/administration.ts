import { z } from "zod";
import { resetLibrary } from "../../../../application/commands/manage-scores.ts";
import { listScores } from "../../../../application/queries/scores.ts";
import { tool } from "./tool.ts";

/** The tools that administer the server. */
export const administrationTools = [
  tool({
    name: "clear_cache",
    description: "Forget the analyses that this server keeps; they are made again when asked for.",
    scope: "admin",
    input: z.strictObject({}),
    run: async (_input, { results }) => ({ status: "success", cleared: results.clear() }),
  }),
  tool({
    name: "reset_server",
    description: "Take all added scores out of the library; the pieces that are there from the start remain.",
    scope: "admin",
    input: z.strictObject({}),
    async run(_input, { context, metadata, results }) {
      const before = (await listScores(context)).length;
      await resetLibrary(context, metadata);
      const remaining = (await listScores(context)).length;
      return {
        status: "success",
        reset: before - remaining,
        remaining,
        cleared: results.clear(),
      };
    },
  }),
];
