import { BrokenEvent, type EventStore, type StoredEvent } from "../../ports/event-store.ts";

/** An event, or what stands in its place and cannot be read. */
export type Entry = StoredEvent | BrokenEvent;

type Store = Pick<EventStore, "readAll">;

const pageSize = 1_000;

/** One by one up to the first that cannot be read, with that one. */
async function upToBroken(store: Store, after: bigint): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  try {
    for (let position = after; ; ) {
      const [event] = await store.readAll(position, 1);
      if (!event) return entries;
      entries.push(event);
      position = event.position;
    }
  } catch (error) {
    if (error instanceof BrokenEvent) return [...entries, error];
    throw error;
  }
}

/** What the log holds after a position, in pages; ends where the log ends. @throws {Unavailable} @throws the signal's reason */
export async function* entriesAfter(
  store: Store,
  after: bigint,
  signal: AbortSignal,
): AsyncGenerator<readonly Entry[]> {
  for (let position = after; ; ) {
    signal.throwIfAborted();
    const from = position;
    const page = await store.readAll(from, pageSize).catch((error: unknown) => {
      if (error instanceof BrokenEvent) return upToBroken(store, from);
      throw error;
    });
    const last = page.at(-1);
    if (!last) return;
    yield page;
    position = last.position;
  }
}

/** A log, entry by entry, each looked at before it is taken. */
export interface Cursor {
  /** The next entry; undefined at the end of what was read. */
  peek(): Entry | undefined;
  take(): void;
  /** Reads on, at the end of what was read; answers no where the log ends. Only this is waited for, once a page. */
  fill(): Promise<boolean>;
}

export function cursorOver(pages: AsyncGenerator<readonly Entry[]>): Cursor {
  let page: readonly Entry[] = [];
  let at = 0;
  return {
    peek: () => page[at],
    take() {
      at += 1;
    },
    async fill() {
      const { value, done } = await pages.next();
      page = done ? [] : value;
      at = 0;
      return page.length > 0;
    },
  };
}
