import { setTimeout as sleep } from "node:timers/promises";
import { type CallToolResult, fromJsonSchema, type McpServer } from "@modelcontextprotocol/server";

const onePixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const noSound = Buffer.from(
  "RIFF$\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0@\x1f\0\0@\x1f\0\0\x01\0\x08\0data\0\0\0\0",
).toString("base64");

const text = (it: string) => ({ type: "text", text: it }) as const;
const image = { type: "image", data: onePixel, mimeType: "image/png" } as const;
const resource = (uri: string, mimeType: string, it: string) =>
  ({ type: "resource", resource: { uri, mimeType, text: it } }) as const;

/** What the tools of the suite answer that do nothing else. */
const answers: Readonly<Record<string, CallToolResult>> = {
  test_simple_text: { content: [text("This is a simple text response for testing.")] },
  test_image_content: { content: [image] },
  test_audio_content: { content: [{ type: "audio", data: noSound, mimeType: "audio/wav" }] },
  test_embedded_resource: {
    content: [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  },
  test_multiple_content_types: {
    content: [
      text("Multiple content types test:"),
      image,
      resource("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ],
  },
  test_error_handling: {
    content: [text("This tool intentionally returns an error for testing")],
    isError: true,
  },
};

/** Adds the tools that the MCP conformance suite calls. */
export function addFixtures(server: McpServer): void {
  for (const [name, answer] of Object.entries(answers))
    server.registerTool(name, { description: "A fixture of the suite" }, async () => answer);
  server.registerTool("test_tool_with_progress", { description: "Tells of progress" }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [0, 50, 100]) {
      const params = { progressToken: progressToken ?? "", progress, total: 100 };
      await mcpReq.notify({ method: "notifications/progress", params });
      await sleep(50);
    }
    return { content: [text("done")] };
  });
  server.registerTool(
    "json_schema_2020_12_tool",
    {
      description: "Tool with JSON Schema 2020-12 features",
      inputSchema: fromJsonSchema({
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        $defs: {
          address: {
            type: "object",
            properties: { street: { type: "string" }, city: { type: "string" } },
          },
        },
        properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
        additionalProperties: false,
      }),
    },
    async () => ({ content: [text("done")] }),
  );
}
