import { describe, expect, it } from "vitest";
import { normaliseResource } from "../../../domain/oauth/resource-indicator.ts";

describe("a resource indicator (RFC 8707 §2)", () => {
  it.each([
    ["https://mcp.example", "https://mcp.example"],
    ["https://mcp.example/", "https://mcp.example"],
    ["HTTPS://MCP.Example:443/", "https://mcp.example"],
    ["https://mcp.example/mcp", "https://mcp.example/mcp"],
    ["https://mcp.example/mcp/", "https://mcp.example/mcp/"],
    ["https://mcp.example/?tenant=1", "https://mcp.example/?tenant=1"],
    ["http://localhost:8000/mcp", "http://localhost:8000/mcp"],
  ])("%s is compared as %s", (value, normal) => expect(normaliseResource(value)).toBe(normal));

  it.each([
    ["a fragment", "https://mcp.example/#x"],
    ["an empty fragment", "https://mcp.example/#"],
    ["a relative reference", "/mcp"],
    ["another scheme", "urn:example:mcp"],
    ["user information", "https://user@mcp.example/"],
    ["a password", "https://:secret@mcp.example/mcp"],
    ["no host", "https://"],
    ["nothing", ""],
  ])("cannot be one with %s", (_, value) => expect(normaliseResource(value)).toBeUndefined());
});
