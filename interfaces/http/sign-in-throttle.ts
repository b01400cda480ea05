import type { Limit, Limits } from "./rate-limits.ts";

/**
 * Slows down the guessing of passwords per account and address, so that nobody can lock a victim out from elsewhere; and
 * per account over all addresses, where whoever has signed in by the same browser before is counted apart: those who
 * guess from many addresses stop the other strangers, not the browsers that their victim has used.
 */
export interface SignInThrottle {
  /**
   * Counts an attempt before it is made, so that attempts at once are not free; answers the seconds to wait, 0 for none.
   * @param place the account and where it is tried from
   * @param crowd the account and, where it is known there, the browser; not counted where absent
   */
  attempt(place: string, crowd?: string): Promise<number>;
  succeeded(place: string, crowd?: string): Promise<void>;
}

const quarter = 15 * 60;
const attempts: Limit = { name: "sign-in attempts", max: 10, window: quarter };
/** Failures of all strangers together; a person who types has no hundred of them. */
const crowds: Limit = { name: "sign-in crowd", max: 100, window: quarter };
/** One attempt, in a window that is as long as the wait. */
const waits = (seconds: number): Limit => ({ name: "sign-in wait", max: 1, window: seconds });

/** What a person is told who has to wait so many seconds. */
export const tooManyAttempts = (wait: number): string =>
  `Too many failed attempts. Try again in ${wait === 1 ? "a second" : `${wait} seconds`}`;

const secondsOf = (milliseconds: number): number => Math.max(1, Math.ceil(milliseconds / 1_000));

/**
 * Ten attempts in 15 minutes are free; each further one doubles the wait, up to 15 minutes. They are forgotten after a
 * right password, or 15 minutes without any.
 */
export const createSignInThrottle = (limits: Limits | undefined): SignInThrottle =>
  limits ? throttleBy(limits) : { attempt: async () => 0, succeeded: async () => undefined };

function throttleBy(limits: Limits): SignInThrottle {
  async function waitAt(place: string): Promise<number> {
    const { count } = await limits.count(attempts, place);
    if (count < attempts.max) return 0;
    const wait = waits(Math.min(2 ** (count - attempts.max), quarter));
    const waiting = await limits.count(wait, place);
    if (waiting.count > wait.max) {
      await limits.count(attempts, place, -1);
      return secondsOf(waiting.endsIn);
    }
    // They are remembered for longer than the wait, else no wait would ever reach its 15 minutes.
    await limits.forget(attempts, place);
    await limits.count({ ...attempts, window: wait.window + quarter }, place, count);
    return 0;
  }

  async function waitOf(crowd: string): Promise<number> {
    const { count, endsIn } = await limits.count(crowds, crowd);
    return count <= crowds.max ? 0 : secondsOf(endsIn);
  }

  return {
    async attempt(place, crowd) {
      const wait = await waitAt(place);
      // Whoever has to wait anyway tries nothing.
      return wait > 0 || crowd === undefined ? wait : await waitOf(crowd);
    },
    async succeeded(place, crowd) {
      await Promise.all([
        limits.forget(attempts, place),
        limits.forget(waits(1), place),
        crowd === undefined ? undefined : limits.count(crowds, crowd, -1),
      ]);
    },
  };
}
