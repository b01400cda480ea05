import type { RateLimitOptions } from "@fastify/rate-limit";
import type { FastifyContextConfig, FastifyInstance, FastifyRequest, RouteShorthandOptions } from "fastify";
import { addressGroup } from "../../infrastructure/network/addresses.ts";
import { basicCredentials } from "./oauth/client-credentials.ts";
import type { Parameters } from "./parameters.ts";

type RateLimited = FastifyContextConfig & { rateLimit?: RateLimitOptions | false };

const minute = 60_000;

/** Where a request comes from, for limits. */
export const placeOf = ({ ip }: FastifyRequest): string => addressGroup(ip);

/** Who a request says it comes from, unchecked: enough to count by. */
function claimedClient({ headers, body }: FastifyRequest): string {
  const { authorization } = headers;
  if (authorization === undefined) return (body as Parameters | undefined)?.client_id?.[0] ?? "";
  try {
    return basicCredentials(authorization).clientId;
  } catch {
    return "";
  }
}

/** So many requests a minute by each client from each address; those that `isExempt` names are not counted. */
export const byClientAndAddress = (
  isOn: boolean,
  max: number,
  isExempt: (clientId: string) => boolean = () => false,
): RateLimited => ({
  rateLimit: isOn && {
    max,
    timeWindow: minute,
    hook: "preHandler",
    keyGenerator: (request) => `${placeOf(request)} ${claimedClient(request).slice(0, 200)}`,
    allowList: (request) => isExempt(claimedClient(request)),
  },
});

/** So many requests in a time window from each address. */
export const byAddress = (isOn: boolean, max: number, timeWindow: number): RateLimited => ({
  rateLimit: isOn && { max, timeWindow, keyGenerator: placeOf },
});

/** The options of the pages' routes. They share one hook, so that they are counted together: 60 a minute from each address. */
export const pageRouteOptions = (app: FastifyInstance, isOn: boolean): RouteShorthandOptions => ({
  config: { errors: "page" },
  onRequest: isOn ? [app.rateLimit({ max: 60, timeWindow: minute, keyGenerator: placeOf })] : [],
});
