/** What the index tells of an event without the log: also of one that has left it. */
export interface IndexedEvent {
  readonly position: bigint;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  /** When it was appended, epoch milliseconds. */
  readonly time: number;
}

/** How often something happened on one day (days since 1970-01-01, UTC), for one value of a dimension. */
export interface Count {
  readonly day: number;
  readonly what: string;
  readonly dimension: "all" | "client" | "block";
  /** Empty for `all`; a client id; the blind index of an address block. */
  readonly value: string;
  readonly count: number;
}

/** How often something happened on some days together. */
export type Total = Omit<Count, "day" | "dimension">;

/** Something that should be looked at, and the events that made it so. */
export interface Anomaly {
  readonly kind: string;
  /** What it is about: a grant, session or client. */
  readonly subject: string;
  /** When it came to be known, epoch milliseconds. */
  readonly time: number;
  readonly explanation: string;
  /** As `stream@revision`, the last being the one that showed it. */
  readonly events: readonly string[];
}

/** What detectors remember of the past under a key of theirs; what is about a person is forgotten with its owner. */
export interface Memory {
  readonly key: string;
  readonly owner: string | null;
  /** Null: nothing is to be remembered any more. */
  readonly value: string | null;
}

/** What one event adds. */
export interface IndexEntry {
  readonly event: IndexedEvent;
  /** By what it is found beside its stream: `kind:value`. */
  readonly terms: readonly string[];
  /** Blind indexes of the address from which it came; they go when the owner is erased. */
  readonly addresses: readonly string[];
  /** Whose addresses these are. */
  readonly owner: string | null;
}

/** What the log holds from one position to another. */
export interface IndexBatch {
  /** Where the index stands before; the batch is refused where it stands elsewhere. */
  readonly from: bigint;
  readonly to: bigint;
  /** Of the event at `to`, by which a log that was replaced is known. */
  readonly lastId: string;
  readonly entries: readonly IndexEntry[];
  readonly counts: readonly Count[];
  readonly anomalies: readonly Anomaly[];
  readonly memories: readonly Memory[];
  /** Persons who were erased: nothing that was made of their addresses stays. */
  readonly forgotten: readonly string[];
}

/** Where a search begins and ends, both positions included, and how many events it tells at most. */
export interface Range {
  readonly from?: bigint | undefined;
  readonly to?: bigint | undefined;
  readonly limit: number;
  readonly newestFirst?: boolean | undefined;
}

/** Which anomalies are asked for, times (epoch ms) included; of every kind where none is named. */
export interface AnomalyRange {
  readonly since: number;
  readonly until: number;
  readonly limit: number;
  readonly kind?: string | undefined;
}

/**
 * The audit index: by what events are found, and what is counted and noticed on the way. It is made from the log, goes
 * on where it stands, and may be thrown away at any time. All throw `Unavailable` where its file cannot be used.
 */
export interface AuditIndex {
  /** How far it has come: 0 for an empty one. `lastId` is empty then. */
  checkpoint(): { readonly position: bigint; readonly lastId: string; readonly events: number };
  /** Adds a batch, whole or not; false where another process was faster, or writes just now. */
  apply(batch: IndexBatch): boolean;
  /** Begins anew. */
  reset(): void;
  /** Events that any of these terms finds, in order, each once. */
  find(terms: readonly string[], range: Range): readonly IndexedEvent[];
  /** The last event of a stream at or before a position. */
  last(stream: string, at: bigint): IndexedEvent | undefined;
  at(position: bigint): IndexedEvent | undefined;
  /**
   * The position before the first event that is later than this instant (epoch ms): what had happened by then. The
   * clock of a log may step back; its order is that of its positions.
   */
  positionAt(time: number): bigint;
  /** Day by day; both days included. */
  counts(dimension: Count["dimension"], fromDay: number, toDay: number): readonly Count[];
  /** Of each value, all days together; both days included. */
  totals(dimension: Count["dimension"], fromDay: number, toDay: number): readonly Total[];
  /** In the order in which they were noticed; where there are more than the limit, the newest. */
  anomalies(range: AnomalyRange): readonly Anomaly[];
  memory(key: string): string | undefined;
  /** Bytes of its file. */
  size(): number;
  close(): void;
}
