/** Does `work` for each item, so many at once; begins no more once the signal is aborted. The first failure is thrown. */
export async function concurrently<T>(
  items: Iterable<T>,
  limit: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  async function lane(): Promise<void> {
    while (!signal.aborted && !failed) {
      const next = queue.next();
      if (next.done) return;
      try {
        await work(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: limit }, lane));
  const rejected = lanes.find((result) => result.status === "rejected");
  if (rejected) throw rejected.reason;
}
