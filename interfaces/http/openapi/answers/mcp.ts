import { z } from "zod";

export const resourceMetadataAnswer = z
  .strictObject({
    resource: z.string(),
    authorization_servers: z.array(z.string()),
    scopes_supported: z.array(z.string()),
    bearer_methods_supported: z.array(z.string()),
    resource_name: z.string(),
  })
  .meta({ id: "ResourceMetadata" });

export const toolsAnswer = z
  .strictObject({
    tools: z.array(
      z.strictObject({
        name: z.string(),
        description: z.string(),
        required_scope: z.string(),
        input_schema: z.record(z.string(), z.unknown()).describe("JSON Schema 2020-12"),
      }),
    ),
  })
  .meta({ id: "Tools" });

export const toolAnswer = z
  .union([
    z.strictObject({ success: z.literal(true), result: z.record(z.string(), z.unknown()) }),
    z.strictObject({ success: z.literal(false), error: z.string() }),
  ])
  .meta({ id: "ToolOutcome" });

export const mcpSessionAnswer = z
  .strictObject({ session_id: z.string(), expires_in: z.int().describe("Seconds") })
  .meta({ id: "McpSession" });

export const closedSessionAnswer = z
  .strictObject({ status: z.literal("closed") })
  .meta({ id: "ClosedMcpSession" });
