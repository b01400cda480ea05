import type { FastifyInstance, FastifyRequest } from "fastify";
import type { HttpDependencies } from "./dependencies.ts";

/** A refusal as the log tells it: nothing of what was sent, and nobody's name. */
export interface Refused {
  /** An OAuth error code or a name of ours. */
  readonly error: string;
  readonly description: string;
  readonly clientId?: string | undefined;
  /** What only the operator may know. */
  readonly reason?: string | undefined;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Counts it, and one line at the level debug, in whatever form the refusal is told to whoever asked. */
    tellRefusal(refused: Refused): void;
  }
}

/** Who is told of refusals. */
export type Watching = Pick<HttpDependencies, "logger" | "telemetry">;

/** Counts a refusal, and tells it at the level debug, as one sentence. */
export function tellRefusal(
  { logger, telemetry }: Watching,
  request: FastifyRequest,
  refused: Refused,
): void {
  telemetry?.requests.refused(refused.error);
  if (!logger.isLevelEnabled("debug")) return;
  const { error, description, clientId, reason } = refused;
  const asked = `${request.method} ${request.routeOptions.url ?? "(no route)"}`;
  const who = clientId === undefined ? "" : ` by client ${clientId}`;
  const why = reason === undefined ? "" : ` (${reason})`;
  logger.debug(
    { requestId: request.id, error, ...(clientId === undefined ? {} : { client: clientId }) },
    `${asked}${who} refused: ${error}, ${description}${why}`,
  );
}

/** Gives every request that reaches a route its `tellRefusal`. */
export function tellRefusals(app: FastifyInstance, watching: Watching): void {
  app.decorateRequest("tellRefusal", function (this: FastifyRequest, refused: Refused): void {
    tellRefusal(watching, this, refused);
  });
}
