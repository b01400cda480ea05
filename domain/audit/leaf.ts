import { hash } from "node:crypto";

/** What of an event is the same in every engine: all but its position. */
export interface LoggedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly version: number;
  readonly id: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** JSON values, as stored. */
  readonly data: unknown;
  readonly metadata: unknown;
}

const membersOf = ({ stream, revision, type, version, id, time, data, metadata }: LoggedEvent) =>
  [stream, revision, type, version, id, time, data, metadata] as const;

/**
 * An event as text: a JSON array without spaces, members of objects in the order in which they were stored, texts and
 * numbers as RFC 8785 writes them.
 */
export const canonicalEvent = (event: LoggedEvent): string => JSON.stringify(membersOf(event));

/** The text that a leaf is the hash of: the event, after its number in the tree. */
export const leafText = (index: number, event: LoggedEvent): string =>
  JSON.stringify([index, ...membersOf(event)]);

/** The hash of a leaf: SHA-256 of 0x00 and its text in UTF-8 (RFC 6962 section 2.1). */
export const leafHash = (text: string): Uint8Array => hash("sha256", `\0${text}`, "buffer");

const nameOf = (text: string): Uint8Array => hash("sha256", text, "buffer").subarray(0, 16);

/** Names the event at a revision of a stream, 16 bytes. */
export const revisionName = (stream: string, revision: number): Uint8Array =>
  nameOf(`${stream}\n${revision}`);

/** Names an event that only its id may name, 16 bytes. */
export const idName = (id: string): Uint8Array => nameOf(id);

/**
 * Names an event once it is gone. The stream of a reserved name would tell the name to who guesses it, so that one goes
 * by its id, as an erasure names it.
 */
export const leafName = ({ stream, revision, type, id }: LoggedEvent): Uint8Array =>
  type === "username.reserved" ? idName(id) : revisionName(stream, revision);
