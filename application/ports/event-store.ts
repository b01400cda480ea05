/** Who caused an event and in which request. */
export interface EventMetadata {
  /** `user:…`, `client:…`, `operator` or `system`. */
  readonly actor: string;
  /** The request's id, the same in every event that the request led to. */
  readonly correlationId: string;
  /** The event that led to this one. */
  readonly causationId?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** An event that is about to be appended. Ids are UUIDv7 and make an append idempotent. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  /** Version of the schema of `data`. */
  readonly version: number;
  /** JSON value. */
  readonly data: unknown;
  readonly metadata: EventMetadata;
  /** When it was appended (epoch ms), where it is carried over from another log; now where absent. */
  readonly time?: number | undefined;
}

/** An event as the log holds it. */
export interface StoredEvent extends NewEvent {
  readonly stream: string;
  /** Place in its stream, from 0 without holes. */
  readonly revision: number;
  /** Place in the log; grows, with holes. */
  readonly position: bigint;
  /** When it was appended, epoch milliseconds. */
  readonly time: number;
}

export interface AppendResult {
  /** Of the last event appended. */
  readonly revision: number;
  readonly position: bigint;
}

export interface ReadOptions {
  readonly direction: "forwards" | "backwards";
  /** First revision to read; the start or end of the stream where absent. */
  readonly from?: number | undefined;
  /** How many events at most. */
  readonly limit: number;
}

/** The stream is not at the expected revision: somebody else was first. */
export class WrongExpectedRevision extends Error {
  override readonly name = "WrongExpectedRevision";
  readonly stream: string;
  readonly actual: number;
  constructor(stream: string, actual: number) {
    super(`stream ${stream} is at revision ${actual}`);
    this.stream = stream;
    this.actual = actual;
  }
}

/** The stream was tombstoned: nothing is ever appended to it again. */
export class StreamTombstoned extends Error {
  override readonly name = "StreamTombstoned";
  constructor(stream: string) {
    super(`stream ${stream} was removed for ever`);
  }
}

/** An engine cannot answer now; nothing is known of the outcome. Becomes 503. */
export class Unavailable extends Error {
  override readonly name: string = "Unavailable";
}

/** An event is there, but is no event any more: what the store holds of it cannot be read. */
export class BrokenEvent extends Unavailable {
  override readonly name = "BrokenEvent";
  readonly position: bigint;
  readonly stream: string;
  readonly revision: number;
  constructor({ position, stream, revision }: Pick<StoredEvent, "position" | "stream" | "revision">) {
    super(`the event at position ${position}, revision ${revision} of ${stream}, cannot be read`);
    this.position = position;
    this.stream = stream;
    this.revision = revision;
  }
}

/** The log. What is appended is durable before the promise resolves, and never changes. */
export interface EventStore {
  /** Names this log; another log has another id. */
  readonly logId: string;
  /**
   * Appends to one stream, atomically. `expectedRevision` is that of the stream's last event, -1 for none. Appending
   * the very same event ids again answers as the first time.
   * @throws {WrongExpectedRevision} @throws {StreamTombstoned} @throws {Unavailable}
   */
  append(stream: string, events: readonly NewEvent[], expectedRevision: number): Promise<AppendResult>;
  /** Reads one stream; empty where there is none. @throws {Unavailable} */
  read(stream: string, options: ReadOptions): Promise<readonly StoredEvent[]>;
  /** Reads the log forwards, after the position (0 for the start), in batches. @throws {Unavailable} */
  readAll(after: bigint, limit: number): Promise<readonly StoredEvent[]>;
  /** The position of the last event ever appended, also where it was removed; 0 for an empty log. @throws {Unavailable} */
  lastPosition(): Promise<bigint>;
  /**
   * All events after the position, in batches, for ever: those there, then those to come, from every process.
   * Ends when the signal is aborted. @throws {Unavailable}
   */
  subscribe(after: bigint, signal: AbortSignal): AsyncIterable<readonly StoredEvent[]>;
  /**
   * Hides all events of a stream from `read`. Its revisions go on: an append at the revision of its last event, or at
   * -1, comes after it. `readAll` and `subscribe` may go on telling the hidden events until the engine removes them.
   * Nothing happens to a stream that is not there. @throws {WrongExpectedRevision} @throws {Unavailable}
   */
  softDelete(stream: string, expectedRevision: number): Promise<void>;
  /**
   * As `softDelete`, but the engine keeps no event at all, and nothing can be appended any more. Repeating it is no
   * error. @throws {WrongExpectedRevision} @throws {Unavailable}
   */
  tombstone(stream: string, expectedRevision: number): Promise<void>;
  /**
   * Whether the files of the engine hold nothing any more of the events that were at these positions, all of tombstoned
   * streams. An engine that can see to that does so first; for one that scavenges when it is told to, the answer is no
   * until then. @throws {Unavailable}
   */
  isErased(positions: readonly bigint[]): Promise<boolean>;
  close(): Promise<void>;
}
