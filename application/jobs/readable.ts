import { UnreadableEvent } from "../events/catalog.ts";

/**
 * Whether the work could be done. One stream that this version cannot read, which the projector tells of, must not keep
 * a job from all the others.
 */
export async function wasReadable(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof UnreadableEvent) return false;
    throw error;
  }
}
