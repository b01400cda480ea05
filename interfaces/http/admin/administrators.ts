import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Context } from "../../../application/context.ts";
import type { EventMetadata } from "../../../application/ports/event-store.ts";
import { actorOf, requireAdministrator } from "../oauth/bearer.ts";
import { metadataOf } from "../request-metadata.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** What events say that this request leads to; of administrators' requests only. */
    administrator?: EventMetadata;
  }
}

/** What events say that an administrator's request leads to. */
export const metadataOfAdministrator = (request: FastifyRequest): EventMetadata =>
  request.administrator as EventMetadata;

/** Routes that take JSON from administrators alone, and whose answers nobody keeps. */
export function forAdministrators(app: FastifyInstance, context: Context): void {
  const parse = app.getDefaultJsonParser("error", "error");
  // Many name the type of a body that they do not send.
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body: string, done) => {
    if (body === "") done(null, undefined);
    else parse(request, body, done);
  });
  app.addHook("onRequest", async (request) => {
    const { claims } = await requireAdministrator(context, request);
    request.administrator = metadataOf(request, actorOf(claims));
  });
  app.addHook("onSend", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });
}
