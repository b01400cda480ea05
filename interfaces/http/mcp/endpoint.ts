import type { IncomingHttpHeaders } from "node:http";
import {
  type AuthInfo,
  type CallToolResult,
  createMcpHandler,
  McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { FastifyInstance } from "fastify";
import { mcpResource, ordinaryScopes } from "../../../application/policy.ts";
import type { EventMetadata } from "../../../application/ports/event-store.ts";
import { formatScope } from "../../../domain/oauth/scope.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { metadataOf } from "../request-metadata.ts";
import { type Caller, requireToken, resourceMetadataUrl } from "./caller.ts";
import { callerOf } from "./execute.ts";
import { callTool, type Outcome } from "./tools/call.ts";
import { tools } from "./tools/index.ts";
import type { Results } from "./tools/results.ts";
import type { Tool } from "./tools/tool.ts";
import { untilGone } from "./until-gone.ts";

/** Shorter than the time after which an idle connection is cut. */
const keepAliveMs = 5_000;

/** What the request brings to its tools, beside what MCP knows of. */
interface Origin {
  readonly caller: Caller;
  readonly metadata: EventMetadata;
}

const asMcp = (outcome: Outcome): CallToolResult =>
  outcome.success
    ? {
        content: [{ type: "text", text: JSON.stringify(outcome.result) }],
        structuredContent: { ...outcome.result },
      }
    : { content: [{ type: "text", text: outcome.error }], isError: true };

function headersOf(headers: IncomingHttpHeaders): Headers {
  const copied = new Headers();
  for (const [name, value] of Object.entries(headers))
    for (const each of [value ?? []].flat()) copied.append(name, each);
  // The body was read already.
  copied.delete("content-length");
  return copied;
}

/** Tells how far a call is, where the client asked to be told. */
function progressOf({ mcpReq }: ServerContext): (fraction: number) => void {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  return (progress) => {
    const params = { progressToken, progress, total: 1 };
    // A client that has gone is told by the signal.
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
}

/** /mcp: the tools over Streamable HTTP, stateless, for 2026-07-28 and the versions before it. */
export function mcpEndpoint(
  app: FastifyInstance,
  { context, version, logger, extendMcp }: HttpDependencies,
  results: Results,
): void {
  const { issuer } = context.policy;
  // What a client asks for, and registers with, before it knows the tools; with less it could never step up to more.
  const asked = formatScope(ordinaryScopes(context.policy));

  function register(server: McpServer, tool: Tool, { caller, metadata }: Origin): void {
    const { name, description, input, scope } = tool;
    server.registerTool(
      name,
      {
        description,
        inputSchema: input,
        annotations: {
          readOnlyHint: scope === "read",
          destructiveHint: scope === "admin",
          openWorldHint: false,
        },
        scopeChallenge: () =>
          caller.scope.includes(scope)
            ? undefined
            : {
                scopes: [scope, ...caller.scope],
                errorDescription: `The access token lacks the scope ${scope}`,
              },
      },
      async (args: unknown, called: ServerContext) => {
        const work = { signal: called.mcpReq.signal, progress: progressOf(called) };
        return asMcp(await callTool(tool, args, { context, metadata, work, results }));
      },
    );
  }

  const handler = createMcpHandler(
    ({ authInfo }) => {
      const server = new McpServer(
        { name: "dacapo-music", title: "Music analysis", version },
        { instructions: "Begin with list_scores. Tools that change something need the scope write." },
      );
      for (const tool of tools.values()) register(server, tool, authInfo?.extra as unknown as Origin);
      extendMcp?.(server);
      return server;
    },
    // Nothing here changes that a client could subscribe to, and a stream would outlive its token.
    {
      keepAliveMs,
      maxSubscriptions: 0,
      onerror: (error) => logger.debug({ err: error }, "an MCP request failed"),
    },
  );
  app.addHook("onClose", () => handler.close());

  app.route({
    method: ["GET", "POST", "DELETE"],
    url: "/mcp",
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const token = await requireToken(context, request, asked);
      const caller = callerOf(token);
      const { client_id, exp } = token.claims;
      const authInfo: AuthInfo = {
        token: "",
        clientId: client_id,
        scopes: [...caller.scope],
        expiresAt: exp,
        resource: new URL(mcpResource(issuer)),
        resourceMetadataUrl: resourceMetadataUrl(issuer),
        extra: { caller, metadata: metadataOf(request, caller.actor) } satisfies Origin,
      };
      const { method, headers } = request;
      const webRequest = new Request(mcpResource(issuer), {
        method,
        headers: headersOf(headers),
        signal: untilGone(reply),
      });
      return reply.send(await handler.fetch(webRequest, { authInfo, parsedBody: request.body ?? null }));
    },
  });
}
