/** What is remembered of checkpoints: the last one that was verified, and the last one that was sent. */
export type Mark = "verified" | "sent";

/** The signed checkpoints of a log, kept beside it. None is ever written over. */
export interface Checkpoints {
  /** The number of the newest one; 0 where there is none. @throws {Unavailable}, as all of these */
  newest(): Promise<number>;
  /** One of them, as it was written; undefined where there is none of this number. */
  read(number: number): Promise<string | undefined>;
  /** Keeps one durably; answers no, and writes nothing, where there is one of this number. */
  write(number: number, note: string): Promise<boolean>;
  /** The note that a mark holds. */
  marked(mark: Mark): Promise<string | undefined>;
  /** Logs other than this one whose checkpoints are kept in the same place: a log with another id begins a tree of its own. */
  others(): Promise<readonly string[]>;
  /** Lets a mark hold another note. */
  mark(mark: Mark, note: string): Promise<void>;
}

/** A place outside, where a copy of each checkpoint goes. */
export interface CheckpointCopies {
  /** Returns when the copy is there. @throws an error that says why not, without what is secret of the place */
  send(note: string, signal: AbortSignal): Promise<void>;
}
