/** Where a waiter is, and how to wake it. */
interface Waiter {
  readonly after: bigint;
  readonly wake: () => void;
}

/**
 * Wakes those who wait for the log to grow. A waiter brings the position that it has read to, and every check compares
 * that with the log itself, so no growth is missed whenever it happened.
 */
export class Tail {
  readonly #lastPosition: () => bigint;
  readonly #interval: number | undefined;
  readonly #waiters = new Set<Waiter>();
  #timer: NodeJS.Timeout | undefined;

  /** @param interval milliseconds between looks for what other processes appended; undefined where there are none */
  constructor(lastPosition: () => bigint, interval: number | undefined) {
    this.#lastPosition = lastPosition;
    this.#interval = interval;
  }

  /** Resolves when the log goes beyond the position, when it cannot be read, or when the signal is aborted. */
  async grown(after: bigint, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const waiter = { after, wake };
    this.#waiters.add(waiter);
    signal.addEventListener("abort", wake);
    this.#poll();
    await promise;
    signal.removeEventListener("abort", wake);
    this.#waiters.delete(waiter);
    if (this.#waiters.size === 0) this.#stop();
  }

  /** Wakes those whom the log has outgrown. */
  check(): void {
    if (this.#waiters.size === 0) return;
    const last = this.#position();
    for (const { after, wake } of this.#waiters) {
      if (last === undefined || last > after) wake();
    }
  }

  /** Wakes everybody. */
  close(): void {
    for (const { wake } of this.#waiters) wake();
  }

  // A failure is not reported here: the reads of those who are woken meet it themselves.
  #position(): bigint | undefined {
    try {
      return this.#lastPosition();
    } catch {
      return undefined;
    }
  }

  #poll(): void {
    if (this.#interval !== undefined) this.#timer ??= setInterval(() => this.check(), this.#interval);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
