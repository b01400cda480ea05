import type { RateLimitOptions } from "@fastify/rate-limit";
import type { FastifyContextConfig, FastifyRequest } from "fastify";
import type { Parameters } from "./parameters.ts";

type RateLimited = FastifyContextConfig & { rateLimit?: RateLimitOptions | false };

const minute = 60_000;

/** Who a request says it comes from, unchecked: enough to count by. */
function claimedClient({ headers, body }: FastifyRequest): string {
  const basic = /^basic +(\S+)/i.exec(headers.authorization ?? "")?.[1];
  if (basic) return Buffer.from(basic, "base64").toString("utf8").split(":")[0] ?? "";
  return (body as Parameters | undefined)?.client_id?.[0] ?? "";
}

/** So many requests a minute by each client from each address. */
export const byClientAndAddress = (isOn: boolean, max: number): RateLimited => ({
  rateLimit: isOn && {
    max,
    timeWindow: minute,
    hook: "preHandler",
    keyGenerator: (request) => `${request.ip} ${claimedClient(request).slice(0, 200)}`,
  },
});

/** So many requests in a time window from each address; routes of one group are counted together. */
export const byAddress = (
  isOn: boolean,
  max: number,
  timeWindow = minute,
  groupId?: string,
): RateLimited => ({
  rateLimit: isOn && {
    max,
    timeWindow,
    keyGenerator: (request) => request.ip,
    ...(groupId === undefined ? {} : { groupId }),
  },
});
