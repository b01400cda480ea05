import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { adminScope } from "../../../application/policy.ts";
import type { ValidAccessToken } from "../../../application/queries/validate-access-token.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { NotThere } from "../errors.ts";
import { actorOf } from "../oauth/bearer.ts";
import { metadataOf } from "../request-metadata.ts";
import { type Caller, requireScope, requireToken } from "./caller.ts";
import { callTool, inputSchemaOf } from "./tools/call.ts";
import { tools } from "./tools/index.ts";
import type { Results } from "./tools/results.ts";
import { untilGone } from "./until-gone.ts";

interface ToolParams {
  readonly Params: { readonly tool: string };
}

/** Who holds a token, as a caller of tools. */
export const callerOf = ({ claims, scope }: ValidAccessToken): Caller => ({ actor: actorOf(claims), scope });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The arguments, alone or as the only member `arguments`: the guide has both. */
function argumentsOf(body: unknown): unknown {
  if (body === undefined || body === null) return {};
  const isWrapped = isObject(body) && Object.keys(body).length === 1 && isObject(body.arguments);
  return isWrapped ? body.arguments : body;
}

/** Runs the tool that the path names, for a caller who is known. @throws {BearerChallenge} @throws {Unavailable} */
export async function execute(
  { context }: HttpDependencies,
  request: FastifyRequest<ToolParams>,
  reply: FastifyReply,
  caller: Caller,
  results: Results,
): Promise<FastifyReply> {
  const tool = tools.get(request.params.tool);
  if (!tool) throw new NotThere();
  requireScope(context, caller, tool.scope);
  const outcome = await callTool(tool, argumentsOf(request.body), {
    context,
    metadata: metadataOf(request, caller.actor),
    work: { signal: untilGone(reply), progress: () => undefined },
    results,
  });
  return reply.header("cache-control", "no-store").send(outcome);
}

/** GET /mcp/tools and POST /mcp/execute/{tool}. */
export function executeRoutes(app: FastifyInstance, dependencies: HttpDependencies, results: Results): void {
  const { context } = dependencies;
  const described = [...tools.values()].map((tool) => ({
    name: tool.name,
    description: tool.description,
    required_scope: tool.scope,
    input_schema: inputSchemaOf(tool),
  }));

  app.get("/mcp/tools", async (request, reply) => {
    const { scope } = await requireToken(context, request, "read");
    const usable = described.filter(({ required_scope }) => scope.includes(required_scope));
    return reply.header("cache-control", "no-store").send({ tools: usable });
  });

  app.post<ToolParams>("/mcp/execute/:tool", async (request, reply) => {
    const needed = tools.get(request.params.tool)?.scope ?? "read";
    // A stranger is not asked to become an administrator.
    const token = await requireToken(context, request, needed === adminScope ? "read" : needed);
    return await execute(dependencies, request, reply, callerOf(token), results);
  });
}
