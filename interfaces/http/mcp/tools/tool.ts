import type { z } from "zod";
import type { Context } from "../../../../application/context.ts";
import type { EventMetadata } from "../../../../application/ports/event-store.ts";
import type { Results } from "./results.ts";
import type { Work } from "./work.ts";

/** One call of a tool. */
export interface ToolCall {
  readonly context: Context;
  readonly metadata: EventMetadata;
  readonly work: Work;
  /** What was computed before. */
  readonly results: Results;
}

/** A tool, as REST and MCP serve it. */
export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly description: string;
  readonly scope: "read" | "write" | "admin";
  readonly input: Input;
  /** @throws {Declined} where the tool declines */
  run(input: z.output<Input>, call: ToolCall): Promise<Readonly<Record<string, unknown>>>;
}

/** Lets the types of input and work be those of the schema. */
export const tool = <Input extends z.ZodObject>(definition: Tool<Input>): Tool =>
  definition as unknown as Tool;
