import type { StoredEvent } from "./event-store.ts";

/** A part of the archive. */
export interface Archived {
  readonly name: string;
  /** Of all of it, as base64url. */
  readonly sha256: string;
}

/** Where events are kept that leave the log. What was written there never changes. */
export interface Archive {
  /**
   * Keeps these events, exactly as stored and in this order, under a name of their own; they are durable before the
   * promise resolves. Nothing is left of it where reading or writing them fails.
   */
  write(events: AsyncIterable<StoredEvent>): Promise<Archived>;
  /** Removes what was written in vain: the log names another archive for the same events. */
  discard(name: string): Promise<void>;
}

/** Looks at what is in the archive. */
export interface ArchiveReader {
  /**
   * Tells each event of a part of it, in order, and answers of the SHA-256 that the part has now, as base64url;
   * undefined where it is not there. A line that is no event is told as undefined. @throws {Unavailable}
   */
  read(name: string, told: (event: StoredEvent | undefined) => void): Promise<string | undefined>;
}
