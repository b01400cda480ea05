import type { AppendResult, NewEvent } from "../../../application/ports/event-store.ts";
import { toJson } from "../json.ts";

/** An event with its JSON made. */
export interface SerialisedEvent {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly data: string;
  readonly metadata: string;
  /** That of the batch where absent. */
  readonly time?: number | undefined;
}

/** One call of `append`. */
export interface Append {
  readonly stream: string;
  readonly events: readonly SerialisedEvent[];
  readonly expectedRevision: number;
}

/** One call of `softDelete`, or of `tombstone`: that one is for ever. */
export interface Removal {
  readonly stream: string;
  readonly expectedRevision: number;
  readonly isForEver: boolean;
}

/** One call of `isErased`: sees to it that nothing is left of what was removed for ever. */
export interface Erasing {
  readonly erases: true;
}

export type Write = Append | Removal | Erasing;

/** Appends, and removals between them, that are written in one transaction, and so with one fsync. */
export interface Batch {
  /** When its events were appended. */
  readonly time: number;
  readonly appends: readonly Write[];
}

/** Why something was not written: the stream is elsewhere, or at its end. */
export type Refusal = { readonly actual: number } | { readonly isTombstoned: true };

/** What became of one write. */
export type Outcome = AppendResult | { readonly isRemoved: true } | { readonly isErased: boolean } | Refusal;

/** Writes batches, one after another. */
export interface BatchWriter {
  /** One outcome each, in order. @throws {Unavailable} the batch failed as a whole */
  write(batch: Batch): Promise<readonly Outcome[]>;
  close(): Promise<void>;
}

/** @throws {TypeError} where the data or metadata is no JSON value */
export function serialise({ id, type, version, data, metadata, time }: NewEvent): SerialisedEvent {
  return { id, type, version, data: toJson(type, data), metadata: toJson(type, metadata), time };
}
