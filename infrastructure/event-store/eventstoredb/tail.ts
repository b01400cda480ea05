import { BACKWARDS, END, type Position } from "@eventstore/db-client";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { isOurs } from "./codec.ts";
import type { Connection } from "./connection.ts";
import { type Patience, persist } from "./patience.ts";
import { collect } from "./reader.ts";

const firstPage = 1;
const largestPage = 1_000;

/**
 * Knows the last position of the log. In a database that others use too, what was looked at once is not looked at
 * again: on an idle one the answer costs the reading of one event.
 */
export class Tail {
  readonly #connection: Connection;
  readonly #patience: Patience;
  #last = 0n;
  #wasSetBack = false;
  #scanned: Position;

  /** @param floor a position before the first event of the log */
  constructor(connection: Connection, patience: Patience, floor: bigint) {
    this.#connection = connection;
    this.#patience = patience;
    this.#scanned = { commit: floor, prepare: floor };
  }

  /** An event of the log was seen there. */
  saw(position: bigint): void {
    if (position > this.#last) this.#last = position;
  }

  /** Where a search for events of the log after the position may begin. */
  after(position: bigint): Position | undefined {
    if (position >= this.#last && position < this.#scanned.commit) return this.#scanned;
    return position > 0n ? { commit: position, prepare: position } : undefined;
  }

  /** @throws {Unavailable} */
  async find(): Promise<bigint> {
    let from: Position | typeof END = END;
    let head: Position | undefined;
    const floor = this.#scanned.commit;
    const known = this.#last;
    for (let size = firstPage; ; size = Math.min(largestPage, size * 10)) {
      const page = await this.#page(from, size);
      head ??= page[0]?.at;
      if (known > 0n && (head === undefined || head.commit < known)) this.#wasSetBack = true;
      // For ever: positions come again, so nothing that is known here by its position is to be relied on.
      if (this.#wasSetBack)
        throw new Unavailable("the log ended before an event that was seen in it: it was set back; restart");
      const found = page.find(({ at, ours }) => ours || at.commit <= floor);
      if (found?.ours) this.saw(found.at.commit);
      const next = page.at(-1);
      if (found !== undefined || next === undefined) break;
      from = next.at;
    }
    // Not before all of it was looked at; and what was appended meanwhile is after it.
    if (head !== undefined && head.commit > this.#scanned.commit) this.#scanned = head;
    return this.#last;
  }

  async #page(from: Position | typeof END, size: number): Promise<{ at: Position; ours: boolean }[]> {
    const events = await persist(this.#patience, (milliseconds) =>
      this.#connection.call("other", milliseconds, ({ client, cut }) => {
        const read = client.readAll({
          direction: BACKWARDS,
          fromPosition: from,
          maxCount: size,
          requiresLeader: true,
        });
        return collect(read, milliseconds, cut);
      }),
    );
    return events.flatMap(({ event }) =>
      event?.position === undefined ? [] : [{ at: event.position, ours: isOurs(event) }],
    );
  }
}
