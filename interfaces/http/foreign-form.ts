import type { FastifyReply, FastifyRequest } from "fastify";
import { sendPage } from "./page.ts";
import { errorPage } from "./pages/message.ts";

/** Refuses a form whose token is missing, or was made for another browser or session (RFC 9700 §4.7). */
export function foreignForm(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.tellRefusal({ error: "foreign_form", description: "The form was not made for this browser" });
  return sendPage(
    reply.code(403),
    errorPage({
      title: "This form is not yours",
      message: "The form was not made for this browser, or its cookie is gone. Load the page and try again.",
      requestId: request.id,
    }),
  );
}
