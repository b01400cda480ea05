import type { FastifyReply, FastifyRequest } from "fastify";
import type { Secrets } from "../../application/ports/secrets.ts";
import type { ClientAssertions } from "../../application/ports/tokens.ts";
import type { Count, Counters } from "../../infrastructure/limits/counters.ts";
import { addressGroup } from "../../infrastructure/network/addresses.ts";
import type { HttpDependencies } from "./dependencies.ts";
import { basicCredentials } from "./oauth/client-credentials.ts";
import type { Parameters } from "./parameters.ts";

/** Whoever asks more often than a limit lets through. Becomes 429. */
export class TooManyRequests extends Error {
  override readonly name = "TooManyRequests";
  /** Seconds. */
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super("too many requests");
    this.retryAfter = retryAfter;
  }
}

/** What is counted, and how often it may happen in a window of so many seconds. */
export interface Limit {
  readonly name: string;
  readonly max: number;
  readonly window: number;
}

/** Counts who does what how often. */
export interface Limits {
  /** Counts once more, or `by` times; less than nothing takes back. */
  count(limit: Limit, who: string, by?: number): Promise<Count>;
  forget(limit: Limit, who: string): Promise<void>;
}

/** Limits over counters, which learn no name and no address: their keys are MACs. */
export function createLimits(counters: Counters, secrets: Secrets): Limits {
  const keyOf = ({ name }: Limit, who: string): string =>
    `${name}:${secrets.mac("limits", `${name} ${who}`).value}`;
  return {
    count: (limit, who, by) => counters.add(keyOf(limit, who), limit.window, by),
    forget: (limit, who) => counters.forget(keyOf(limit, who)),
  };
}

/** Where a request comes from, for limits. */
export const placeOf = ({ ip }: FastifyRequest): string => addressGroup(ip);

/** Who a request says it comes from, unchecked: enough to count by. */
export function claimedClient({ headers, body }: FastifyRequest, assertions: ClientAssertions): string {
  const { authorization } = headers;
  const form = body as Parameters | null | undefined;
  const [clientId] = form?.client_id ?? [];
  const [assertion] = form?.client_assertion ?? [];
  try {
    const claimed =
      authorization === undefined
        ? (clientId ?? (assertion && assertions.claimedClientId(assertion)))
        : basicCredentials(authorization).clientId;
    return (claimed ?? "").slice(0, 200);
  } catch {
    return "";
  }
}

/** A hook of Fastify. */
type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Counts a request and says in its answer what is left; one that nobody is named for is not counted. */
const limited =
  (limits: Limits, limit: Limit, whoOf: (request: FastifyRequest) => string | undefined): Hook =>
  async (request, reply) => {
    const who = whoOf(request);
    if (who === undefined) return;
    const { count, endsIn } = await limits.count(limit, who);
    const reset = Math.max(1, Math.ceil(endsIn / 1_000));
    reply.headers({
      "ratelimit-limit": limit.max,
      "ratelimit-remaining": Math.max(0, limit.max - count),
      "ratelimit-reset": reset,
    });
    if (count > limit.max) throw new TooManyRequests(reset);
  };

/** So many requests by each client from each address; those that `isExempt` names are not counted. */
export function byClientAndAddress(
  { limits, context }: Pick<HttpDependencies, "limits" | "context">,
  limit: Limit,
  isExempt: (clientId: string) => boolean = () => false,
): { readonly preHandler?: Hook } {
  if (!limits) return {};
  const whoOf = (request: FastifyRequest): string | undefined => {
    const clientId = claimedClient(request, context.assertions);
    return isExempt(clientId) ? undefined : `${placeOf(request)} ${clientId}`;
  };
  return { preHandler: limited(limits, limit, whoOf) };
}

/** So many requests from each address. */
export const byAddress = (
  { limits }: Pick<HttpDependencies, "limits">,
  limit: Limit,
): { readonly onRequest?: Hook } => (limits ? { onRequest: limited(limits, limit, placeOf) } : {});
