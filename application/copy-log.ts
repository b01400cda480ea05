import { canonicalEvent } from "../domain/audit/leaf.ts";
import { sha256 } from "../domain/oauth/hash.ts";
import { type EventStore, type StoredEvent, WrongExpectedRevision } from "./ports/event-store.ts";

/** The copy is not what it was to be a copy of. */
export class NotACopy extends Error {
  override readonly name = "NotACopy";
}

export interface Copied {
  /** Events that the copy holds now. */
  readonly events: number;
  /** How many of them were there before. */
  readonly before: number;
  /** A chain of SHA-256 over all of them in order, as both logs tell them. */
  readonly digest: string;
}

const pageSize = 500;

/** What is appended together: a store may take no more than 1 MiB at once. */
const maxTogether = { events: 64, characters: 200_000 };

/** A log from its start to where it ends now, one event after another. */
async function* eventsOf(store: EventStore, signal: AbortSignal): AsyncGenerator<StoredEvent> {
  for (let position = 0n; ; ) {
    signal.throwIfAborted();
    const page = await store.readAll(position, pageSize);
    if (page.length === 0) return;
    yield* page;
    position = page.at(-1)?.position ?? position;
  }
}

/** Neighbours of one stream, as many as can be appended together. */
function runsOf(events: readonly StoredEvent[]): readonly StoredEvent[][] {
  const runs: StoredEvent[][] = [];
  let size = 0;
  for (const event of events) {
    const run = runs.at(-1);
    const { length } = canonicalEvent(event);
    const isFull = run?.length === maxTogether.events || size + length > maxTogether.characters;
    if (run?.[0]?.stream === event.stream && !isFull) {
      run.push(event);
      size += length;
    } else {
      runs.push([event]);
      size = length;
    }
  }
  return runs;
}

/** @throws {NotACopy} where the stream does not go on there */
async function append(to: EventStore, run: readonly StoredEvent[]): Promise<void> {
  const [first] = run;
  if (!first) return;
  try {
    await to.append(first.stream, run, first.revision - 1);
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
    throw new NotACopy(
      `${first.stream} is at revision ${error.actual} there, its next event in the log is revision ${first.revision}`,
    );
  }
}

/** Says that both logs begin alike, and how far: until one of them ends. @throws {NotACopy} */
async function commonStart(from: EventStore, to: EventStore, signal: AbortSignal) {
  let digest = "";
  const copies = eventsOf(to, signal);
  let last: StoredEvent | undefined;
  let count = 0;
  for await (const event of eventsOf(from, signal)) {
    const { value: copy, done } = await copies.next();
    if (done) return { last, count, digest };
    if (canonicalEvent(copy) !== canonicalEvent(event))
      throw new NotACopy(`event ${count + 1} of the copy is another (${copy.type}, ${copy.id})`);
    digest = sha256(`${digest}\n${canonicalEvent(event)}`);
    last = event;
    count += 1;
  }
  if (!(await copies.next()).done) throw new NotACopy("the copy holds more events than the log");
  return { last, count, digest };
}

/**
 * Copies a log into another store, ids, revisions, times and order unchanged, going on where an earlier copy stopped, and
 * reads the whole copy back at the end. What the log gets meanwhile is copied too, up to where the copy catches up.
 * @param progress is told how many events the copy holds
 * @throws {NotACopy} where the other store holds something else @throws {Unavailable}
 */
export async function copyLog(
  from: EventStore,
  to: EventStore,
  progress: (events: number) => void,
  signal: AbortSignal,
): Promise<Copied> {
  const { last, count: before } = await commonStart(from, to, signal);
  let events = before;
  progress(events);
  for (let position = last?.position ?? 0n; ; ) {
    signal.throwIfAborted();
    const page = await from.readAll(position, pageSize);
    for (const run of runsOf(page)) {
      await append(to, run);
      events += run.length;
      progress(events);
    }
    position = page.at(-1)?.position ?? position;
    if (page.length === 0) break;
  }
  const { count, digest } = await commonStart(from, to, signal);
  if (count < events) throw new NotACopy(`the copy holds ${count} events of ${events}`);
  return { events: count, before, digest };
}
