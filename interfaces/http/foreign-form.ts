import type { FastifyReply, FastifyRequest } from "fastify";
import { sendPage } from "./page.ts";
import { errorPage } from "./pages/message.ts";

const forThisBrowser =
  "The form was not made for this browser, or its cookie is gone. Load the page and try again.";

/** Refuses a form whose token is missing, or was made for another browser, session or request (RFC 9700 §4.7). */
export function foreignForm(
  request: FastifyRequest,
  reply: FastifyReply,
  message: string = forThisBrowser,
): FastifyReply {
  request.tellRefusal({ error: "foreign_form", description: "The form was not made for whoever sent it" });
  const page = errorPage({ title: "This form is not yours", message, requestId: request.id });
  return sendPage(reply.code(403), page);
}
