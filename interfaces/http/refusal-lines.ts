import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "pino";

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
    /** One line at the level debug, in whatever form the refusal is told to whoever asked. */
    tellRefusal(refused: Refused): void;
  }
}

/** Tells a refusal at the level debug, as one sentence. */
export function tellRefusal(logger: Logger, request: FastifyRequest, refused: Refused): void {
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
export function tellRefusals(app: FastifyInstance, logger: Logger): void {
  app.decorateRequest("tellRefusal", function (this: FastifyRequest, refused: Refused): void {
    tellRefusal(logger, this, refused);
  });
}
