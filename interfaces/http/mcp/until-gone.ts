import type { FastifyReply } from "fastify";
import { Unavailable } from "../../../application/ports/event-store.ts";

/** Aborted when the client has gone before it was answered. */
export function untilGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort(new Unavailable("the client has gone"));
  });
  return gone.signal;
}
