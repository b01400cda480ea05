import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { ClientCredentials } from "../../../application/commands/authenticate-client.ts";
import { RefusedError } from "../../../application/errors.ts";
import type { ClientAssertions } from "../../../application/ports/tokens.ts";
import { refusal } from "../../../domain/oauth/refusal.ts";
import { maybe, type Parameters } from "../parameters.ts";

/** The parameters by which a client authenticates in a form (RFC 6749 §2.3.1, RFC 7523 §2.2). */
const clientParameters = {
  client_id: maybe(),
  client_secret: maybe(),
  client_assertion: maybe(),
  client_assertion_type: maybe(),
};

type ClientParameters = { readonly [Name in keyof typeof clientParameters]?: string | undefined };

const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const failed = () => new RefusedError(refusal("invalid_client", "Client authentication failed"));
const invalid = (description: string) => new RefusedError(refusal("invalid_request", description));

/** Many clients do not form-encode Basic credentials as RFC 6749 §2.3.1 asks; what cannot be decoded is taken as it is. */
function formDecode(value: string): string {
  if (!/[%+]/.test(value)) return value;
  try {
    return decodeURIComponent(value.replaceAll("+", " "));
  } catch {
    return value;
  }
}

/** The credentials of a Basic header. @throws {RefusedError} invalid_client */
export function basicCredentials(header: string): {
  readonly clientId: string;
  readonly secret: string;
  readonly rawSecret: string | undefined;
} {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header)?.[1];
  if (encoded === undefined) throw failed();
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1) throw failed();
  const rawSecret = decoded.slice(colon + 1);
  const secret = formDecode(rawSecret);
  return {
    clientId: formDecode(decoded.slice(0, colon)),
    secret,
    rawSecret: rawSecret === secret ? undefined : rawSecret,
  };
}

function assertionCredentials(form: ClientParameters, assertions: ClientAssertions): ClientCredentials {
  const { client_assertion: assertion = "", client_assertion_type: type, client_id } = form;
  if (type !== jwtBearer) throw invalid("client_assertion_type is not supported");
  const clientId = assertions.claimedClientId(assertion);
  if (clientId === undefined) throw failed();
  if (client_id !== undefined && client_id !== clientId)
    throw invalid("client_id is not that of the assertion");
  return { method: "private_key_jwt", clientId, assertion };
}

/**
 * Reads how a client authenticates: by Basic, in the form, by an assertion, or not at all; never two ways at once.
 * @throws {RefusedError}
 */
export function readClientCredentials(
  request: FastifyRequest,
  form: ClientParameters,
  assertions: ClientAssertions,
): ClientCredentials {
  const { authorization } = request.headers;
  const { client_id, client_secret, client_assertion } = form;
  if (authorization !== undefined) {
    if (client_secret !== undefined || client_assertion !== undefined)
      throw invalid("The client authenticates in two ways at once");
    const basic = basicCredentials(authorization);
    if (client_id !== undefined && client_id !== basic.clientId)
      throw invalid("client_id is not that of the header");
    return { method: "client_secret_basic", ...basic };
  }
  if (client_assertion !== undefined) {
    if (client_secret !== undefined) throw invalid("The client authenticates in two ways at once");
    return assertionCredentials(form, assertions);
  }
  if (client_id === undefined) throw failed();
  if (client_secret !== undefined)
    return { method: "client_secret_post", clientId: client_id, secret: client_secret };
  return { method: "none", clientId: client_id };
}

/** A form with these parameters and those of the client; unknown ones are ignored (RFC 6749 §3.2). */
export const clientForm = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object({ ...clientParameters, ...shape });

/** The form of a request, checked by a schema that is built once: building one costs more than all the rest. */
export function readForm<Form extends z.ZodType>(request: FastifyRequest, form: Form): z.output<Form> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers["content-type"] ?? ""))
    throw invalid("The body must be application/x-www-form-urlencoded");
  const parameters = (request.body ?? {}) as Parameters;
  for (const name in parameters)
    if (name !== "resource" && parameters[name]?.length !== 1) throw invalid("A parameter is repeated");
  return form.parse(parameters);
}
