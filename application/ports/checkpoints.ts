/** What is remembered of checkpoints: the last one that was verified, the last one that was sent, and where to. */
export type Mark = "verified" | "sent" | "sent_to";

/** The signed checkpoints of a log, kept beside it. None is ever written over. */
export interface Checkpoints {
  /** The number of the newest one; 0 where there is none. @throws {Unavailable}, as all of these */
  newest(): Promise<number>;
  /** The numbers of all of them, in order. */
  numbers(): Promise<readonly number[]>;
  /** One of them, as it was written; undefined where there is none of this number. */
  read(number: number): Promise<string | undefined>;
  /** Keeps one durably; answers no, and writes nothing, where there is one of this number. */
  write(number: number, note: string): Promise<boolean>;
  /** What a mark holds: a note, or the name of a place. */
  marked(mark: Mark): Promise<string | undefined>;
  /** Logs other than this one whose checkpoints are kept in the same place: a log with another id begins a tree of its own. */
  others(): Promise<readonly string[]>;
  /** Lets a mark hold another text. */
  mark(mark: Mark, text: string): Promise<void>;
}

/** What lies in a place outside: the end of its text, one note behind the other; or nothing; or it only takes what is written. */
export type Lying = { readonly text: string } | "nothing" | "unreadable";

/** A place outside, where a copy of each checkpoint goes. */
export interface CheckpointCopies {
  /** Tells this place from others, and nothing of what is secret of it. */
  readonly id: string;
  /** @throws an error that says why it cannot be told, without what is secret of the place */
  read(signal: AbortSignal): Promise<Lying>;
  /**
   * Returns when the copy is there. @param isFirst whether there must be nothing there yet
   * @throws an error that says why it is not there, without what is secret of the place
   */
  send(note: string, isFirst: boolean, signal: AbortSignal): Promise<void>;
}
