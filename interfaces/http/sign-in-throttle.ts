import { RateLimiterMemory } from "rate-limiter-flexible";

/** Slows down the guessing of passwords, per account and address, so that nobody can lock a victim out from elsewhere. */
export interface SignInThrottle {
  /** 0 where an attempt may be made now. */
  secondsToWait(account: string): Promise<number>;
  failed(account: string): Promise<void>;
  succeeded(account: string): Promise<void>;
}

const window = 15 * 60;
const freeAttempts = 10;

/** Ten failures in 15 minutes are free; each further one doubles the wait, up to 15 minutes. */
export function createSignInThrottle(isOn: boolean): SignInThrottle {
  if (!isOn)
    return {
      secondsToWait: async () => 0,
      failed: async () => undefined,
      succeeded: async () => undefined,
    };
  const failures = new RateLimiterMemory({ keyPrefix: "failures", points: freeAttempts, duration: window });
  const waits = new RateLimiterMemory({ keyPrefix: "waits", points: 1, duration: window });
  return {
    async secondsToWait(account) {
      const waiting = await waits.get(account);
      return waiting && waiting.remainingPoints <= 0 ? Math.ceil(waiting.msBeforeNext / 1000) : 0;
    },
    async failed(account) {
      const { consumedPoints } = await failures.penalty(account);
      const surplus = consumedPoints - freeAttempts;
      if (surplus >= 0) await waits.block(account, Math.min(2 ** surplus, window));
    },
    async succeeded(account) {
      await Promise.all([failures.delete(account), waits.delete(account)]);
    },
  };
}
