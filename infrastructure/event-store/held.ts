import type { EventStore } from "../../application/ports/event-store.ts";

/** Whether the log still tells an event at one of these positions. @throws {Unavailable} */
export async function holdsAny(
  store: Pick<EventStore, "readAll">,
  positions: readonly bigint[],
): Promise<boolean> {
  for (const position of positions) {
    const [next] = await store.readAll(position - 1n, 1);
    if (next?.position === position) return true;
  }
  return false;
}
