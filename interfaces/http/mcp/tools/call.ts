import { z } from "zod";
import { Declined } from "../../../../domain/music/score.ts";
import type { Tool, ToolCall } from "./tool.ts";

/** What a tool answers: a result, or why it declines. */
export type Outcome =
  | { readonly success: true; readonly result: Readonly<Record<string, unknown>> }
  | { readonly success: false; readonly error: string };

/** The first thing that is wrong with arguments: the field, and what was expected. */
function complaint({ issues: [issue] }: z.ZodError, { input }: Tool): string {
  if (issue?.code === "unrecognized_keys") {
    const known = Object.keys(input.shape);
    const there = known.length === 0 ? "there are none" : `there are ${known.join(", ")}`;
    return `${issue.keys.join(", ")}: there is no such argument; ${there}`;
  }
  const field = issue?.path.join(".") || "arguments";
  return `${field}: ${issue?.message ?? "is wrong"}`;
}

/** Checks the arguments and runs a tool. @throws what is no fault of the caller's, such as {Unavailable} */
export async function callTool(tool: Tool, args: unknown, call: ToolCall): Promise<Outcome> {
  const input = tool.input.safeParse(args);
  if (!input.success) return { success: false, error: complaint(input.error, tool) };
  try {
    return { success: true, result: await tool.run(input.data, call) };
  } catch (error) {
    if (error instanceof Declined) return { success: false, error: error.message };
    throw error;
  }
}

/** The schema of a tool's arguments as JSON Schema 2020-12. */
export const inputSchemaOf = ({ input }: Tool): object => z.toJSONSchema(input, { io: "input" });
