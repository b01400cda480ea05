import { leafName } from "../../../domain/audit/leaf.ts";
import type { EventStore } from "../../ports/event-store.ts";
import type { KeptLeaf, KeptLeaves } from "../../ports/kept-leaves.ts";

const pageSize = 1_000;

/** Leaves one by one, from the first on. */
async function* allOf(leaves: KeptLeaves): AsyncGenerator<KeptLeaf> {
  for (let from = 0; ; ) {
    const page = await leaves.read(from, pageSize);
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    from = last.index + 1;
  }
}

/**
 * Gives the kept leaves their places in a store that the log was copied to: positions are others there, order and events
 * the same. A leaf whose event was removed before gets the place of the one before it. May be stopped and run again.
 * @throws {Unavailable}
 */
export async function placeLeaves(
  store: Pick<EventStore, "readAll">,
  leaves: KeptLeaves,
  signal?: AbortSignal,
): Promise<void> {
  const known = allOf(leaves);
  let position = 0n;
  for (;;) {
    if (signal?.aborted) return;
    const page = await store.readAll(position, pageSize);
    const places = new Map<number, bigint>();
    for (const event of page) {
      const name = leafName(event);
      for (let next = await known.next(); !next.done; next = await known.next()) {
        const isIts = Buffer.compare(next.value.name, name) === 0;
        places.set(next.value.index, isIts ? event.position : position);
        if (isIts) break;
      }
      position = event.position;
    }
    await leaves.place(places, page.length === 0);
    if (page.length === 0) return;
  }
}
