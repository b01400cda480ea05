import type { FastifyRequest } from "fastify";
import { type RepeatableContext, repeatable } from "../../../application/commands/repeatable.ts";
import type { Context } from "../../../application/context.ts";
import { BadInput } from "../bad-input.ts";
import { metadataOfAdministrator } from "./administrators.ts";

/** A structured-field string (RFC 9651 §3.3.3), or the bare token that many send instead. */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"$/;
const bare = /^[A-Za-z0-9!#$%&'*+.^_`|~:/=-]{1,255}$/;

/** The Idempotency-Key of a request; undefined without one. @throws {BadInput} */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const sent = headers["idempotency-key"];
  if (sent === undefined) return undefined;
  const text = String(sent).trim();
  const key = bare.test(text) ? text : quoted.exec(text)?.[1]?.replaceAll(/\\(["\\])/g, "$1");
  if (key !== undefined) return key;
  const detail = 'must be a string such as "8e03978e-40d5-43e8-bc93-6894a57f9324", of 255 characters at most';
  throw new BadInput(`Idempotency-Key ${detail}`, [{ header: "Idempotency-Key", detail }]);
}

/**
 * The context in which a request creates or rotates: where it has an Idempotency-Key, it can be sent again.
 * @param asked the body as it was understood, without a password
 * @throws {BadInput} @throws {KeyReused}
 */
export async function onceByKey(
  context: Context,
  request: FastifyRequest,
  asked: object,
): Promise<RepeatableContext> {
  const idempotencyKey = idempotencyKeyOf(request);
  if (idempotencyKey === undefined) return context;
  return await repeatable(context, {
    idempotencyKey,
    // As the path is understood: it may be written in more than one way.
    at: `${request.method} ${request.routeOptions.url} ${JSON.stringify(request.params)}`,
    asked: JSON.stringify(asked),
    metadata: metadataOfAdministrator(request),
  });
}
