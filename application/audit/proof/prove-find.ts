import type { EventStore, StoredEvent } from "../../ports/event-store.ts";

/** What names an event: its position, its place in a stream, or its id. */
export type EventName =
  | { readonly position: bigint }
  | { readonly stream: string; readonly revision: number }
  | { readonly id: string };

type Store = Pick<EventStore, "read" | "readAll">;

const pageSize = 1_000;

/** What somebody wrote who means an event: digits, `stream@revision`, or an id. */
export function parseEventName(text: string): EventName {
  if (/^\d{1,18}$/.test(text)) return { position: BigInt(text) };
  const [, stream, revision] = /^(.+)@(\d{1,15})$/.exec(text) ?? [];
  if (stream === undefined || revision === undefined) return { id: text };
  return { stream, revision: Number(revision) };
}

async function findById(
  store: Store,
  id: string,
  signal: AbortSignal,
  progress: (position: bigint) => void,
): Promise<StoredEvent | undefined> {
  for (let after = 0n; ; ) {
    signal.throwIfAborted();
    const page = await store.readAll(after, pageSize);
    const found = page.find((event) => event.id === id);
    const last = page.at(-1);
    if (found || !last) return found;
    after = last.position;
    progress(after);
  }
}

/** The event at a place; undefined where there is none. @throws {Unavailable} */
export async function eventNamed(
  store: Store,
  name: Exclude<EventName, { readonly id: string }>,
): Promise<StoredEvent | undefined> {
  const [found] =
    "position" in name
      ? await store.readAll(name.position - 1n, 1)
      : await store.read(name.stream, { direction: "forwards", from: name.revision, limit: 1 });
  const isIt = "position" in name ? found?.position === name.position : found?.revision === name.revision;
  return isIt ? found : undefined;
}

/**
 * The event of a name; undefined where the log holds none. By its id it is looked for from the start of the log on, as no
 * index has that; the other names take one read. @throws {Unavailable} @throws the signal's reason
 */
export async function findEvent(
  store: Store,
  name: EventName,
  signal: AbortSignal,
  progress: (position: bigint) => void,
): Promise<StoredEvent | undefined> {
  return "id" in name ? await findById(store, name.id, signal, progress) : await eventNamed(store, name);
}
