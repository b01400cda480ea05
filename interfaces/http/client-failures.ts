import type { FastifyRequest } from "fastify";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { RefusedError } from "../../application/errors.ts";
import { placeOf } from "./rate-limits.ts";

/** An address that failed to authenticate as a client too often. Becomes 429. */
export class TooManyFailures extends Error {
  override readonly name = "TooManyFailures";
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super("too many failed authentications");
    this.retryAfter = retryAfter;
  }
}

const failuresAMinute = 60;

/** Turns an address away that fails to authenticate as a client again and again, before its secrets are checked. */
export interface ClientFailures {
  /** Runs work that authenticates a client. @throws {TooManyFailures} */
  guard<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T>;
}

/** Builds the guard; those who authenticate are never counted. */
export function createClientFailures(isOn: boolean): ClientFailures {
  if (!isOn) return { guard: (_request, work) => work() };
  const failures = new RateLimiterMemory({ points: failuresAMinute, duration: 60 });
  return {
    async guard(request, work) {
      const place = placeOf(request);
      const known = await failures.get(place);
      if (known && known.remainingPoints <= 0)
        throw new TooManyFailures(Math.ceil(known.msBeforeNext / 1000));
      try {
        return await work();
      } catch (error) {
        if (error instanceof RefusedError && error.refusal.error === "invalid_client")
          await failures.penalty(place);
        throw error;
      }
    },
  };
}
