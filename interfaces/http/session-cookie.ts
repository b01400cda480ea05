import type { FastifyReply } from "fastify";
import type { StartedSession } from "../../application/commands/sign-in.ts";
import type { Cookies } from "./cookies.ts";

/** Gives the browser the cookie of a session that was just started; it outlives the browser only where it was asked to. */
export const setSessionCookie = (
  reply: FastifyReply,
  { session, options }: Cookies,
  { cookie, expiresAt }: StartedSession,
): FastifyReply =>
  reply.setCookie(session, cookie, {
    ...options,
    ...(expiresAt === undefined ? {} : { expires: new Date(expiresAt) }),
  });
