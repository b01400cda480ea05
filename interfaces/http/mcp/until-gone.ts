import type { FastifyReply } from "fastify";
import { ClientGone } from "../errors.ts";

/** Aborted when the client has gone before it was answered. */
export function untilGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const leave = () => {
    if (!raw.writableFinished) gone.abort(new ClientGone());
  };
  if (raw.destroyed) leave();
  else raw.once("close", leave);
  return gone.signal;
}
