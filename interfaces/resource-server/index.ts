import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from "fastify";
import plugin from "fastify-plugin";
import {
  type AccessToken,
  byIntrospection,
  bySignature,
  type ResourceCredentials,
  ValidationUnavailable,
} from "./validators.ts";

export type { AccessToken, ResourceCredentials } from "./validators.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** A hook that lets a request pass whose access token has all of these scopes. */
    requireScope(...scopes: string[]): preHandlerAsyncHookHandler;
  }
  interface FastifyRequest {
    /** Who calls, behind `requireScope`; else null. */
    accessToken: AccessToken | null;
  }
}

export interface ResourceServerOptions {
  /** The issuer, exactly as its metadata names it. */
  readonly issuer: string;
  /** The URI of this resource, as it is registered there: a token's audience must hold it. */
  readonly resource: string;
  /**
   * The credentials of this resource: each token is introspected, so that a revoked one is refused at once. Or
   * `"local"`: signatures are checked here, and a revoked token lives until its `exp`.
   */
  readonly validation: ResourceCredentials | "local";
  /** Where the metadata of this resource are (RFC 9728); named to clients that bring no token. */
  readonly resourceMetadata?: string;
}

/** The token of an Authorization header (RFC 6750 §2.1); null where that is malformed. */
function bearerToken({ headers: { authorization } }: FastifyRequest): string | undefined | null {
  if (authorization === undefined) return undefined;
  return /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i.exec(authorization)?.[1] ?? null;
}

/**
 * A Fastify plugin that protects the routes of a resource server with access tokens of Dacapo: `app.requireScope("read")`
 * as a route's `preHandler`. Clocks may differ by 5 s. Refuses as RFC 6750 §3 says: 401, 403 with the scopes that are
 * needed; 503 where it cannot be told whether a token is good.
 */
export const resourceServer = plugin<ResourceServerOptions>(
  async (app, { issuer, resource, validation, resourceMetadata }) => {
    const validate =
      validation === "local" ? bySignature(issuer, resource) : byIntrospection(issuer, resource, validation);

    function refuse(
      reply: FastifyReply,
      status: number,
      scopes: readonly string[],
      error?: string,
      description = "An access token is required",
    ): FastifyReply {
      const parts = [
        ...(resourceMetadata === undefined ? [] : [`resource_metadata="${resourceMetadata}"`]),
        ...(error === undefined ? [] : [`error="${error}"`, `error_description="${description}"`]),
        `scope="${scopes.join(" ")}"`,
      ];
      return reply
        .code(status)
        .headers({ "www-authenticate": `Bearer ${parts.join(", ")}`, "cache-control": "no-store" })
        .send({ error: error ?? "invalid_token", error_description: description });
    }

    async function valid(reply: FastifyReply, token: string): Promise<AccessToken | undefined> {
      try {
        return await validate(token);
      } catch (error) {
        if (!(error instanceof ValidationUnavailable)) throw error;
        reply.log.warn({ err: error }, "access tokens cannot be validated");
        reply
          .code(503)
          .header("retry-after", "1")
          .send({ error: "temporarily_unavailable", error_description: "Try again" });
        return undefined;
      }
    }

    app.decorateRequest("accessToken", null);
    app.decorate(
      "requireScope",
      (...scopes: string[]) =>
        async (request: FastifyRequest, reply: FastifyReply) => {
          const token = bearerToken(request);
          if (token === undefined) return refuse(reply, 401, scopes);
          if (token === null)
            return refuse(reply, 400, scopes, "invalid_request", "The Authorization header is malformed");
          const accessToken = await valid(reply, token);
          if (reply.sent) return reply;
          if (!accessToken)
            return refuse(reply, 401, scopes, "invalid_token", "The access token is not valid here");
          if (!scopes.every((scope) => accessToken.scope.includes(scope)))
            return refuse(reply, 403, scopes, "insufficient_scope", "The access token lacks a scope");
          request.accessToken = accessToken;
          return undefined;
        },
    );
  },
  { name: "dacapo-resource-server", fastify: "5.x" },
);
