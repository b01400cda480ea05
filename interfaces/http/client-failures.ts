import type { FastifyRequest } from "fastify";
import type { Context } from "../../application/context.ts";
import { RefusedError } from "../../application/errors.ts";
import { BoundedMap } from "../../infrastructure/bounded/map.ts";
import type { HttpDependencies } from "./dependencies.ts";
import { claimedClient, type Limit, type Limits, placeOf, TooManyRequests } from "./rate-limits.ts";

const failures: Limit = { name: "client failures", max: 60, window: 60 };

/** How many of those that fail too often are remembered. */
const maxTurnedAway = 10_000;

/** Counts failed authentications of each client from each address. */
export interface ClientFailures {
  /** Runs work that authenticates a client, unless that failed too often. @throws {TooManyRequests} */
  guard<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T>;
  /**
   * Runs work that authenticates a client, however often that failed: somebody else who names the client from the same
   * address must not be able to keep it from revoking its tokens. Secrets that we make cannot be guessed, and those that
   * were chosen can only be tried as fast as the queue of Argon2 takes them.
   */
  count<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T>;
}

/**
 * Builds the guard. Those who authenticate cost no counter: whom to turn away is known to each process from its own last
 * failure, and only failures are counted for all.
 */
export const createClientFailures = ({
  limits,
  context,
}: Pick<HttpDependencies, "limits" | "context">): ClientFailures =>
  limits
    ? failuresBy(limits, context)
    : { guard: (_request, work) => work(), count: (_request, work) => work() };

function failuresBy(limits: Limits, { assertions }: Context): ClientFailures {
  const turnedAway = new BoundedMap<string, number>(maxTurnedAway);
  const whoOf = (request: FastifyRequest): string =>
    `${placeOf(request)} ${claimedClient(request, assertions)}`;

  async function failed(request: FastifyRequest): Promise<void> {
    const who = whoOf(request);
    const { count, endsIn } = await limits.count(failures, who);
    if (count >= failures.max) turnedAway.set(who, performance.now() + endsIn);
  }

  async function count<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof RefusedError && error.refusal.error === "invalid_client") await failed(request);
      throw error;
    }
  }

  return {
    count,
    async guard(request, work) {
      const left = (turnedAway.get(whoOf(request)) ?? 0) - performance.now();
      if (left > 0) throw new TooManyRequests(Math.ceil(left / 1_000));
      return await count(request, work);
    },
  };
}
