import type { EventStore } from "../../ports/event-store.ts";

/** A text that is no cursor of this log. The message is a sentence for whoever gave it. */
export class BadCursor extends Error {
  override readonly name = "BadCursor";
}

/** Tells one log from another. It begins with a letter, so that no spreadsheet takes a cursor for a number. */
const markOf = (logId: string): string => `c${logId.replaceAll(/[^A-Za-z0-9]/g, "").slice(-8)}`;

/** A place in a log, as a text that is to be given back and not to be read. */
export const cursorAt = ({ logId }: Pick<EventStore, "logId">, position: bigint): string =>
  `${markOf(logId)}.${position}`;

/** The position of a cursor. @throws {BadCursor} where it is none, or of another log @throws {Unavailable} */
export async function positionOf(
  store: Pick<EventStore, "logId" | "lastPosition">,
  cursor: string,
): Promise<bigint> {
  const [, mark, position = ""] = /^(c[A-Za-z0-9]{1,8})\.(\d{1,19})$/.exec(cursor) ?? [];
  if (mark === undefined) throw new BadCursor("This is no cursor of an export.");
  if (mark !== markOf(store.logId)) throw new BadCursor("The cursor is of another log.");
  if (BigInt(position) > (await store.lastPosition()))
    throw new BadCursor("The cursor is beyond the end of the log, which may have been restored since.");
  return BigInt(position);
}
