/** A small JSON object; what of it must be found otherwise than by id stands in `indexes`. */
export type Document = Readonly<Record<string, unknown>>;

export interface DocumentKey {
  readonly collection: string;
  readonly id: string;
}

/** One write of a projection: the whole document, and after which time (epoch ms) nobody asks for it any more. */
export interface Put extends DocumentKey {
  readonly document: Document;
  readonly indexes: Readonly<Record<string, string>>;
  readonly expiresAt: number | null;
}

export interface Checkpoint {
  /** The last position that is contained. */
  readonly position: bigint;
  /** Grows at each `beat`; who sees it change knows that a projector lives. */
  readonly heartbeat: number;
}

/** What happened to the log from one position to another. */
export interface Batch {
  /** The checkpoint on which this batch stands. */
  readonly from: bigint;
  readonly to: bigint;
  readonly puts: readonly Put[];
}

/** What is true now, as projected from the log; rebuildable at any time. All throw `Unavailable` where the engine is gone. */
export interface ReadModels {
  checkpoint(): Promise<Checkpoint>;
  /** Applies a batch atomically, only where the checkpoint is `from`; false where another projector was faster. */
  apply(batch: Batch): Promise<boolean>;
  /** Says that the projector at this checkpoint lives; false where the checkpoint is another. */
  beat(at: bigint): Promise<boolean>;
  /**
   * The documents of these keys, in order, all from one consistent state. Until the first `beat` reading throws
   * `Unavailable`: read models that are being built hold the past as if it were now.
   */
  getMany(keys: readonly DocumentKey[]): Promise<readonly (Document | undefined)[]>;
  /** Documents by an index value, or all of a collection, in the order of their ids. */
  list(
    collection: string,
    query: {
      readonly index?: readonly [name: string, value: string];
      readonly after?: string;
      readonly limit: number;
    },
  ): Promise<readonly { readonly id: string; readonly document: Document }[]>;
  /** Removes documents that expired before `now` (epoch ms), a bounded number at a time; answers how many. */
  removeExpired(now: number, limit: number): Promise<number>;
  close(): Promise<void>;
}
