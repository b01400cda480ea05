import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ZodError } from "zod";
import { CannotSign } from "../../application/audit/proof/checkpoint.ts";
import { NotFound } from "../../application/audit/token.ts";
import { KeyReused } from "../../application/commands/repeatable.ts";
import { RefusedError } from "../../application/errors.ts";
import { Unavailable } from "../../application/ports/event-store.ts";
import type { ErrorCode } from "../../domain/oauth/refusal.ts";
import { ForeignNetwork, type RequireAllowed } from "./allowed-networks.ts";
import { BadInput, type FieldFault, faultsOf } from "./bad-input.ts";
import type { HttpDependencies } from "./dependencies.ts";
import { Overloaded } from "./oauth/admission.ts";
import { sendPage } from "./page.ts";
import { errorPage } from "./pages/message.ts";
import { TooManyRequests } from "./rate-limits.ts";
import { tellRefusal, tellRefusals, type Watching } from "./refusal-lines.ts";
import { allowedMethods } from "./routes.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** In which form this route tells its errors; OAuth error JSON where absent. */
    readonly errors?: "page" | "oauth";
  }
}

/** A failure, ready to be told: the status, an OAuth error code or a name of ours, and a text that echoes nothing. */
interface Failure {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** What is wrong with which part of the request; told in problems only. */
  readonly errors?: readonly FieldFault[];
  /** For the log only. */
  readonly clientId?: string | undefined;
  readonly reason?: string | undefined;
}

const statusOf: Partial<Record<ErrorCode, number>> = {
  invalid_client: 401,
  invalid_token: 401,
  insufficient_scope: 403,
};

const bearerErrors: readonly string[] = ["invalid_token", "insufficient_scope"] satisfies ErrorCode[];

/** A bearer request that is refused carries its own challenge (RFC 6750 §3). */
export class BearerChallenge extends Error {
  override readonly name = "BearerChallenge";
  readonly error: ErrorCode | undefined;
  readonly description: string;
  readonly scope: string;
  /** Where the metadata of the protected resource are (RFC 9728 §5.1); undefined at the authorization server itself. */
  readonly resourceMetadata: string | undefined;
  constructor(error: ErrorCode | undefined, description: string, scope: string, resourceMetadata?: string) {
    super(description);
    this.error = error;
    this.description = description;
    this.scope = scope;
    this.resourceMetadata = resourceMetadata;
  }
}

/** What a path names is not there. */
export class NotThere extends Error {
  override readonly name = "NotThere";
  constructor(description = "There is nothing at this path") {
    super(description);
  }
}

/** What is asked for does not fit what is there now. Becomes 409. */
export class Conflict extends Error {
  override readonly name = "Conflict";
}

/** Nobody is there any more to be answered. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";
  readonly statusCode = 400;
}

/** A page of an origin that may not call what it called. */
export class ForeignOrigin extends Error {
  override readonly name = "ForeignOrigin";
}

function fromChallenge({ error, description, scope, resourceMetadata }: BearerChallenge): Failure {
  const parts = [
    `realm="dacapo"`,
    ...(resourceMetadata === undefined ? [] : [`resource_metadata="${resourceMetadata}"`]),
    ...(error ? [`error="${error}"`, `error_description="${description}"`] : []),
    ...(scope === "" ? [] : [`scope="${scope}"`]),
  ];
  const status = error === "insufficient_scope" ? 403 : error === "invalid_request" ? 400 : 401;
  const headers = { "www-authenticate": `Bearer ${parts.join(", ")}` };
  return { status, error: error ?? "invalid_token", description, headers };
}

function fromRefusal({ refusal, clientId }: RefusedError, request: FastifyRequest): Failure {
  const { error, description, reason } = refusal;
  const usedBasic = /^basic /i.test(request.headers.authorization ?? "");
  const challenge =
    error === "invalid_client" && usedBasic
      ? { "www-authenticate": `Basic realm="dacapo", charset="UTF-8"` }
      : bearerErrors.includes(error)
        ? { "www-authenticate": `Bearer realm="dacapo", error="${error}"` }
        : {};
  return { status: statusOf[error] ?? 400, error, description, headers: challenge, clientId, reason };
}

function fromZod(error: ZodError): Failure {
  const [issue] = error.issues;
  const field = issue?.path[0] === undefined ? "The request" : String(issue.path[0]);
  // Messages of our own go on from the name of the field.
  const what = issue?.message.startsWith("is ") ? issue.message : "is malformed";
  const description = `${field} ${what}`;
  return { status: 400, error: "invalid_request", description, errors: faultsOf(error) };
}

const tooMany = { error: "temporarily_unavailable", description: "Too many requests" };

const framework: Readonly<Record<number, Pick<Failure, "error" | "description">>> = {
  400: { error: "invalid_request", description: "The request is malformed" },
  404: { error: "invalid_request", description: "There is nothing at this path" },
  405: { error: "invalid_request", description: "The method is not allowed here" },
  413: { error: "invalid_request", description: "The body is too large" },
  // The same as for a body that is malformed (RFC 6749 §5.2).
  415: { error: "invalid_request", description: "The content type is not supported" },
  429: tooMany,
};

const unavailable: Failure = {
  status: 503,
  error: "temporarily_unavailable",
  description: "The answer cannot be given in time; try again",
  headers: { "retry-after": "1" },
};

const foreignNetwork: Failure = {
  status: 403,
  error: "access_denied",
  description: "This network may not use what it asked for",
};

function failureOf(error: FastifyError | Error, request: FastifyRequest): Failure {
  if (error instanceof BearerChallenge) return fromChallenge(error);
  if (error instanceof RefusedError) return fromRefusal(error, request);
  if (error instanceof ZodError) return fromZod(error);
  if (error instanceof BadInput)
    return { status: 400, error: "invalid_request", description: error.message, errors: error.faults };
  if (error instanceof KeyReused)
    return { status: 422, error: "invalid_request", description: error.message };
  if (error instanceof Conflict) return { status: 409, error: "invalid_request", description: error.message };
  if (error instanceof Unavailable) return unavailable;
  if (error instanceof ForeignOrigin)
    return { status: 403, error: "invalid_request", description: "This origin may not call this server" };
  if (error instanceof ForeignNetwork) return { ...foreignNetwork, reason: error.message };
  if (error instanceof NotFound) return { status: 404, error: "invalid_request", description: error.message };
  if (error instanceof CannotSign)
    return {
      status: 409,
      error: "invalid_request",
      description: "The log is not what was kept: dacapo audit verify tells more",
      reason: error.message,
    };
  if (error instanceof NotThere) return { status: 404, error: "invalid_request", description: error.message };
  if (error instanceof TooManyRequests)
    return { status: 429, ...tooMany, headers: { "retry-after": String(error.retryAfter) } };
  const status = "statusCode" in error ? (error.statusCode ?? 500) : 500;
  const known = status < 500 ? (framework[status] ?? framework[400]) : undefined;
  if (known) return { status: status === 415 ? 400 : status, ...known };
  return { status: 500, error: "server_error", description: "Something went wrong here" };
}

const titles: Readonly<Record<number, string>> = {
  404: "Nothing here",
  429: "Too many attempts",
  503: "Not available just now",
  500: "Something went wrong",
};

function tell(failure: Failure, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, error, description, headers, errors } = failure;
  // A URL that cannot be decoded met no hook that would have named the request.
  reply.code(status).headers({ "cache-control": "no-store", "x-request-id": request.id, ...headers });
  if (request.routeOptions.config?.errors === "page") {
    const title = titles[status] ?? "This request cannot be answered";
    return sendPage(reply, errorPage({ title, message: description, requestId: request.id }));
  }
  if (/^\/(?:auth|mcp|\.well-known)(?:\/|$|\?)/.test(request.url))
    return reply.send({ error, error_description: description });
  return reply
    .type("application/problem+json")
    .send({ type: "about:blank", title: description, status, instance: `urn:uuid:${request.id}`, errors });
}

/** For a URL that cannot be decoded: it reaches no route and no hook, so that here it is asked who may connect at all. */
export function tellMalformedUrl(
  request: FastifyRequest,
  reply: FastifyReply,
  watching: Watching,
  requireAllowed: RequireAllowed,
): FastifyReply {
  let failure: Failure = { ...(framework[400] as Failure), status: 400 };
  try {
    requireAllowed(request);
  } catch (error) {
    failure = failureOf(error as Error, request);
  }
  tellRefusal(watching, request, failure);
  return tell(failure, request, reply);
}

/** The one place where failures become HTTP: OAuth error JSON, RFC 9457 problems elsewhere, pages for people. */
export function handleErrors(app: FastifyInstance, dependencies: HttpDependencies): void {
  const { refusals, logger } = dependencies;
  tellRefusals(app, dependencies);
  app.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const failure = failureOf(error, request);
    if (failure.status < 500 || error instanceof Overloaded) request.tellRefusal(failure);
    else
      logger.error(
        { requestId: request.id, status: failure.status, error: failure.error, err: error },
        failure.description,
      );
    if (failure.status < 500 && !(error instanceof ClientGone))
      refusals.count(`${request.routeOptions.url ?? "unknown"} ${failure.error}`, failure.clientId);
    return tell(failure, request, reply);
  });

  app.setNotFoundHandler((request, reply) => {
    const allowed = allowedMethods(app, request.url);
    if (allowed.length === 0) return tell({ ...(framework[404] as Failure), status: 404 }, request, reply);
    return tell(
      { ...(framework[405] as Failure), status: 405, headers: { allow: allowed.join(", ") } },
      request,
      reply,
    );
  });
}
