import { ANY, type EventData, jsonEvent } from "@eventstore/db-client";
import type { Appender } from "./appender.ts";
import type { Connection } from "./connection.ts";
import { control } from "./names.ts";
import { type Patience, persist } from "./patience.ts";
import { readStream } from "./reader.ts";

/** Events that the database keeps of what only the last ones matter of. */
const kept = 10;

/** The last word on who holds the log. */
export interface ClaimRecord {
  readonly revision: number;
  readonly holder: string;
  /** Tells two processes of one holder apart. */
  readonly instance: string;
  /** Milliseconds for which it is valid; 0 when it was released. */
  readonly validFor: number;
  /** By the server's clock. */
  readonly created: number;
}

/** The stream of claims, and the server's clock to judge them by. */
export class ClaimStream {
  readonly #connection: Connection;
  readonly #appender: Appender;
  readonly #patience: Patience;

  constructor(connection: Connection, appender: Appender, patience: Patience) {
    this.#connection = connection;
    this.#appender = appender;
    this.#patience = patience;
  }

  /** The claim that is live now, undefined where there is none, and the revision of the last one. */
  async current(): Promise<{ readonly live: ClaimRecord | undefined; readonly revision: number }> {
    const last = await this.last();
    if (last === undefined || last.validFor === 0) return { live: undefined, revision: last?.revision ?? -1 };
    const live = (await this.#serverTime()) - last.created < last.validFor;
    return { live: live ? last : undefined, revision: last.revision };
  }

  async last(): Promise<ClaimRecord | undefined> {
    const event = await this.#lastEvent(control.claim);
    const data = event?.data as { holder: string; instance: string; validFor: number } | undefined;
    if (event === undefined || data === undefined) return undefined;
    return { ...data, revision: Number(event.revision), created: event.created.getTime() };
  }

  /** @throws {WrongExpectedRevision} where somebody else was first */
  async append(
    claim: Pick<ClaimRecord, "holder" | "instance" | "validFor">,
    expectedRevision: number,
  ): Promise<number> {
    const events = [jsonEvent({ type: "log.claimed", data: { ...claim } })];
    const { revision } = await this.#appender.append({ stream: control.claim, events, expectedRevision });
    if (revision === 0) await this.#keepFew(control.claim);
    return revision;
  }

  /** When an event is written now, by the server's clock. */
  async #serverTime(): Promise<number> {
    const events: EventData[] = [jsonEvent({ type: "clock.read", data: {} })];
    const { nextExpectedRevision } = await persist(this.#patience, (milliseconds) =>
      this.#connection.call("append", milliseconds, ({ client }) =>
        client.appendToStream(control.clock, events, {
          expectedRevision: ANY,
          deadline: milliseconds,
          requiresLeader: true,
        }),
      ),
    );
    if (nextExpectedRevision === 0n) await this.#keepFew(control.clock);
    return (await this.#lastEvent(control.clock))?.created.getTime() ?? 0;
  }

  async #lastEvent(stream: string) {
    const options = { direction: "backwards", limit: 1 } as const;
    const [last] = await readStream(this.#connection, stream, options, this.#patience);
    return last?.event;
  }

  async #keepFew(stream: string): Promise<void> {
    await persist(this.#patience, (milliseconds) =>
      this.#connection.call("append", milliseconds, ({ client }) =>
        client.setStreamMetadata(
          stream,
          { maxCount: kept },
          { requiresLeader: true, deadline: milliseconds },
        ),
      ),
    );
  }
}
