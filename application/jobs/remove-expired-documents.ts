import type { Context } from "../context.ts";
import type { JobRun } from "../ports/jobs.ts";

/** Documents removed in one transaction, which other writers wait for, and the pause that they are given (ms). */
const atOnce = 1_000;
const pause = 10;

/** Removes what nobody asks for any more from the read models. */
export async function removeExpiredDocuments(
  { readModels, clock }: Pick<Context, "readModels" | "clock">,
  { signal, progress }: JobRun,
): Promise<void> {
  let done = 0;
  while (!signal.aborted) {
    const removed = await readModels.clean(clock.now(), atOnce);
    done += removed;
    if (removed < atOnce) return;
    await progress(done);
    await clock.sleep(pause, signal);
  }
}
