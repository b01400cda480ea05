import type { Clock } from "./ports/clock.ts";
import type { ReadModels } from "./ports/read-models.ts";

/** Tells when the read models hold a position. */
export interface Visibility {
  /** True as soon as the position is visible; false after `limit` ms. */
  wait(position: bigint, limit: number): Promise<boolean>;
  /** To be called by the projector of this process, so that its waiters are woken at once. */
  advanced(position: bigint): void;
}

interface Waiter {
  readonly position: bigint;
  readonly deadline: number;
  readonly resolve: (visible: boolean) => void;
}

const pollInterval = 5;

/** Waiters are woken by this process' projector; one shared poll finds what other processes project, and who waited too long. */
export function createVisibility(readModels: ReadModels, clock: Clock): Visibility {
  let visible = 0n;
  let waiters: Waiter[] = [];
  let polling = false;

  function settle(isDone: (waiter: Waiter) => boolean, answer: boolean): void {
    const done = waiters.filter(isDone);
    if (done.length === 0) return;
    waiters = waiters.filter((waiter) => !done.includes(waiter));
    for (const waiter of done) waiter.resolve(answer);
  }

  function advanced(position: bigint): void {
    if (position <= visible) return;
    visible = position;
    settle((waiter) => waiter.position <= visible, true);
  }

  async function poll(): Promise<void> {
    polling = true;
    while (waiters.length > 0) {
      await clock.sleep(pollInterval);
      const { position } = await readModels.checkpoint().catch(() => ({ position: visible }));
      advanced(position);
      const now = clock.monotonic();
      settle((waiter) => waiter.deadline <= now, false);
    }
    polling = false;
  }

  return {
    advanced,
    async wait(position, limit) {
      if (position <= visible) return true;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiters.push({ position, deadline: clock.monotonic() + limit, resolve });
      if (!polling) void poll();
      return await promise;
    },
  };
}
