/**
 * Answers each message of the process that started this one by what `work` makes of it; ends with that process.
 * @param close tidies up at the end
 */
export function answer<Message>(
  work: (message: Message) => Promise<unknown>,
  close: () => Promise<void> = async () => undefined,
): void {
  process.on("message", async (message: Message) => {
    try {
      process.send?.({ answer: await work(message) });
    } catch (error) {
      process.send?.({ failure: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.on("disconnect", async () => {
    await close();
    process.exit(0);
  });
}

/** Keeps `callers` calls under way for so many seconds; answers how many were done a second. */
export async function rateOf(
  seconds: number,
  callers: number,
  call: (caller: number) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let done = 0;
  async function loop(caller: number): Promise<void> {
    while (performance.now() < end) {
      await call(caller);
      done += 1;
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, caller) => loop(caller)));
  return done / ((performance.now() - start) / 1000);
}
