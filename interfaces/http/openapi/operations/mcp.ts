import { z } from "zod";
import { oauthErrors } from "../answers/errors.ts";
import {
  closedSessionAnswer,
  mcpSessionAnswer,
  resourceMetadataAnswer,
  toolAnswer,
  toolsAnswer,
} from "../answers/mcp.ts";
import { answered, type Operations, operation } from "../operation.ts";

const tag = "MCP";
const security = [{ accessToken: [] }, { oauth2: ["read"] }];
const anything = z.record(z.string(), z.unknown());

const { badRequest, unauthorized, forbidden, notFound, tooMany, unavailable } = oauthErrors;
const refusals = { "401": unauthorized, "403": forbidden, "429": tooMany, "503": unavailable };

const metadata = (id: string): Operations[string] => ({
  get: operation({
    ...{ id, tag: "Discovery", summary: "Protected resource metadata (RFC 9728)", security: [] },
    answers: { "200": answered("The metadata", resourceMetadataAnswer), "403": forbidden },
  }),
});

const message = (id: string, summary: string, body?: z.ZodType) =>
  operation({
    ...{ id, tag, summary, security },
    ...(body ? { body } : {}),
    answers: {
      "200": {
        description: "Messages of JSON-RPC, at once or as they come",
        content: { "application/json": { schema: anything }, "text/event-stream": { schema: z.string() } },
      },
      ...{ "400": badRequest, "404": notFound, "405": badRequest, ...refusals },
    },
  });

/** /mcp, where it is served. @param issuer with its path, if it has one, by which the metadata are found too */
export function mcpOperations(issuer: string): Operations {
  const { pathname } = new URL(issuer);
  const wellKnown = "/.well-known/oauth-protected-resource";
  return {
    [wellKnown]: metadata("resourceMetadata"),
    [`${wellKnown}/mcp`]: metadata("resourceMetadataOfMcp"),
    [`/auth${wellKnown}`]: metadata("resourceMetadataUnderAuth"),
    ...(pathname === "/" ? {} : { [`${wellKnown}${pathname}/mcp`]: metadata("resourceMetadataInserted") }),
    "/mcp": {
      get: message("mcpListen", "Listen by Streamable HTTP"),
      post: message("mcpMessage", "Send a message of MCP by Streamable HTTP", anything),
      delete: message("mcpEnd", "End a session of Streamable HTTP"),
    },
    "/mcp/tools": {
      get: operation({
        ...{ id: "listTools", tag, summary: "List the tools that the token may use", security },
        answers: { "200": answered("The tools", toolsAnswer), ...refusals },
      }),
    },
    "/mcp/execute/{tool}": {
      post: operation({
        ...{ id: "executeTool", tag, summary: "Run a tool", path: ["tool"], security },
        ...{ body: anything, isBodyOptional: true },
        answers: {
          "200": answered("What it answers", toolAnswer),
          "400": badRequest,
          "404": notFound,
          ...refusals,
        },
      }),
    },
    "/mcp/session/create": {
      post: operation({
        ...{ id: "createMcpSession", tag, summary: "Open a session", security },
        answers: { "200": answered("The session", mcpSessionAnswer), ...refusals },
      }),
    },
    "/mcp/session/{id}/execute/{tool}": {
      post: operation({
        ...{ id: "executeToolInSession", tag, summary: "Run a tool in a session", path: ["id", "tool"] },
        ...{ security: [...security, {}], body: anything, isBodyOptional: true },
        answers: {
          "200": answered("What it answers", toolAnswer),
          "400": badRequest,
          "404": notFound,
          ...refusals,
        },
      }),
    },
    "/mcp/session/{id}": {
      delete: operation({
        ...{
          id: "closeMcpSession",
          tag,
          summary: "Close a session",
          path: ["id"],
          security: [...security, {}],
        },
        answers: { "200": answered("It is closed", closedSessionAnswer), ...refusals },
      }),
    },
  };
}
