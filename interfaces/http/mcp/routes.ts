import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from "fastify";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { byAddress } from "../rate-limits.ts";
import { originCheck } from "./caller.ts";
import { mcpEndpoint } from "./endpoint.ts";
import { executeRoutes } from "./execute.ts";
import { protectedResourceMetadata } from "./metadata.ts";
import { sessionRoutes } from "./sessions.ts";
import { Results } from "./tools/results.ts";

/** What the caller sends at most: a score as text, in JSON. */
const bodyLimit = 2 * 1024 * 1024;

/** From each address, of all kinds together. */
const callsPerMinute = 600;

/** JSON as httpx and others send it: a body may be empty under any content type that says JSON. */
function readJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.addContentTypeParser(
    "application/json",
    { parseAs: "string", bodyLimit },
    (request, body: string, done) => {
      if (body === "") done(null, undefined);
      else parse(request, body, done);
    },
  );
}

/** The protected MCP server: its metadata (RFC 9728), the REST surface of the guide, and MCP at /mcp. */
export const mcpRoutes =
  (dependencies: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    protectedResourceMetadata(app, dependencies);
    await app.register(async (calls) => {
      const { context, corsOrigins, clockFault } = dependencies;
      const { onRequest } = byAddress(dependencies, { name: "mcp", max: callsPerMinute, window: 60 });
      if (onRequest) calls.addHook("onRequest", onRequest);
      const checkOrigin = originCheck(context.policy.issuer, corsOrigins);
      calls.addHook("onRequest", async (request: FastifyRequest) => {
        checkOrigin(request);
        const fault = clockFault();
        if (fault !== undefined) throw new Unavailable(fault);
      });
      calls.removeContentTypeParser("application/x-www-form-urlencoded");
      readJson(calls);
      const results = new Results();
      executeRoutes(calls, dependencies, results);
      sessionRoutes(calls, dependencies, results);
      mcpEndpoint(calls, dependencies, results);
    });
  };
