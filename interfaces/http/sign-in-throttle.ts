import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** Slows down the guessing of passwords, per account and address, so that nobody can lock a victim out from elsewhere. */
export interface SignInThrottle {
  /** Counts an attempt before it is made, so that attempts at once are not free; answers the seconds to wait, 0 for none. */
  attempt(account: string): Promise<number>;
  succeeded(account: string): Promise<void>;
}

const window = 15 * 60;
const freeAttempts = 10;

/** Ten attempts in 15 minutes are free; each further one doubles the wait, up to 15 minutes. */
export function createSignInThrottle(isOn: boolean): SignInThrottle {
  if (!isOn) return { attempt: async () => 0, succeeded: async () => undefined };
  const attempts = new RateLimiterMemory({ keyPrefix: "attempts", points: freeAttempts, duration: window });
  const waits = new RateLimiterMemory({ keyPrefix: "waits", points: 1, duration: window });
  return {
    async attempt(account) {
      const { consumedPoints } = await attempts.penalty(account);
      if (consumedPoints < freeAttempts) return 0;
      const customDuration = Math.min(2 ** (consumedPoints - freeAttempts), window);
      try {
        await waits.consume(account, 1, { customDuration });
        return 0;
      } catch (waiting) {
        if (!(waiting instanceof RateLimiterRes)) throw waiting;
        await attempts.reward(account);
        return Math.max(1, Math.ceil(waiting.msBeforeNext / 1000));
      }
    },
    async succeeded(account) {
      await Promise.all([attempts.delete(account), waits.delete(account)]);
    },
  };
}
