import type { Context } from "../context.ts";
import { Unavailable } from "../ports/event-store.ts";

/**
 * Waits until what ended at this position is visible to every validation.
 * @throws {Unavailable} where that takes too long: the end is recorded, but it may not be called done yet
 */
export async function confirmVisible(
  { visibility, policy }: Pick<Context, "visibility" | "policy">,
  position: bigint,
): Promise<void> {
  if (!(await visibility.wait(position, policy.visibilityLimit)))
    throw new Unavailable("recorded, but not visible in time");
}
