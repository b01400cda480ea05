import { administrationTools } from "./administration.ts";
import { analysisTools } from "./analysis.ts";
import { compositionTools } from "./composition.ts";
import type { Tool } from "./tool.ts";

/** All tools, by name. */
export const tools: ReadonlyMap<string, Tool> = new Map(
  [...analysisTools, ...compositionTools, ...administrationTools].map((each) => [each.name, each]),
);
