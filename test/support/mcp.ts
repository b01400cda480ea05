import { demoClient, type Tokens, tokensOf } from "./code-flow.ts";
import { bearer, sendJson } from "./requests.ts";
import type { TestServer } from "./server.ts";
import { signedIn } from "./signed-in.ts";

/** Tokens for the MCP server, of a person of the demo. */
export const mcpTokens = async (
  server: TestServer,
  username: string,
  scope = "read write",
): Promise<Tokens> => tokensOf(server, await signedIn(server, username), demoClient(server), { scope });

/** Runs a tool by REST. */
export const execute = (
  { address }: TestServer,
  token: string,
  tool: string,
  body: unknown = {},
): Promise<Response> => sendJson("POST", `${address}/mcp/execute/${tool}`, body, bearer(token));

/** What a tool answered, where it did not decline. */
export async function resultOf(response: Response): Promise<Record<string, unknown>> {
  const body = (await response.json()) as { success: boolean; result: Record<string, unknown> };
  if (response.status !== 200 || !body.success) throw new Error(`${response.status} ${JSON.stringify(body)}`);
  return body.result;
}
