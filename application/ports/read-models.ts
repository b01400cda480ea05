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

/** What stands in the place of a document whose stream holds an event that cannot be projected: ask the log. */
export const parkedDocument: Document = { parked: true };

/** Whether the truth of this document is in the log alone. */
export const isParked = (document: Document): boolean => document.parked === true;

/** How far read models have come. */
export interface Checkpoint {
  /** The last position that every part of them contains. */
  readonly position: bigint;
  /** Where some part is further already: the nearest such position. The next batch must end there. Otherwise null. */
  readonly ahead: bigint | null;
  /** One counter a part; each grows at each `beat`, so who sees all of them change knows that a projector lives. */
  readonly heartbeats: readonly number[];
  /** Names the server and the connection that answered. Another name: these may be other read models, or older ones. */
  readonly incarnation: string;
  /** When they came to the server that holds them now (epoch ms by that server); 0 where they never moved. */
  readonly movedAt: number;
  /** The clock of that server, epoch ms. */
  readonly time: number;
}

/** What happened to the log from one position to another. */
export interface Batch {
  /** The checkpoint on which this batch stands. */
  readonly from: bigint;
  /** What answered that checkpoint; the batch is refused where something else would take it now. */
  readonly incarnation?: string | undefined;
  readonly to: bigint;
  readonly puts: readonly Put[];
  /** Documents that are replaced by `parkedDocument`, after the puts; their index entries stay, they never expire. */
  readonly parks: readonly DocumentKey[];
}

export interface ListQuery {
  readonly index?: readonly [name: string, value: string];
  /** Only ids after this one. */
  readonly after?: string;
  readonly limit: number;
}

export interface Listed {
  readonly id: string;
  readonly document: Document;
}

/** Read models as the projector sees them: to be filled, whole or not. All throw `Unavailable` where the engine is gone. */
export interface Fillable {
  checkpoint(): Promise<Checkpoint>;
  /**
   * Applies a batch, each part of it atomically, only where the checkpoint is `from`; false where another projector was
   * faster. A part that holds `to` already is left as it is.
   */
  apply(batch: Batch): Promise<boolean>;
  /** Documents by an index value, or all of a collection, in the order of their ids (by bytes), whole or not. */
  listUnfinished(collection: string, query: ListQuery): Promise<readonly Listed[]>;
}

/** Read models that are filled beside those that answer (blue/green). */
export interface Successor extends Fillable {
  /** From now on these answer, where they hold all that the others hold; false where they do not yet. */
  takeOver(): Promise<boolean>;
}

/** What is true now, as projected from the log; rebuildable at any time. All throw `Unavailable` where the engine is gone. */
export interface ReadModels extends Fillable {
  /**
   * Says that the projector at this checkpoint lives; false where the checkpoint is another, or where what would answer
   * now is not what answered `incarnation`.
   */
  beat(at: bigint, incarnation: string): Promise<boolean>;
  /**
   * The documents of these keys, in order; those of one part from one consistent state. Throws `Unavailable` until the
   * first `beat`, since read models that are being built hold the past as if it were now, and where what answers is not
   * what answered this process' last `checkpoint`, or not the `incarnation` that the caller believes.
   */
  getMany(keys: readonly DocumentKey[], incarnation?: string): Promise<readonly (Document | undefined)[]>;
  /** As `listUnfinished`, and throws as `getMany` does. */
  list(collection: string, query: ListQuery, incarnation?: string): Promise<readonly Listed[]>;
  /** Removes documents that expired before `now` (epoch ms) and read models that were replaced, at most `limit`
   * documents at a time; answers how many. */
  clean(now: number, limit: number): Promise<number>;
  /** Empty read models beside these, or those that another process has begun to fill. */
  successor(): Promise<Successor>;
  close(): Promise<void>;
}
