import { ErrorType, type EventData, NO_STREAM, type ResolvedEvent } from "@eventstore/db-client";
import {
  type AppendResult,
  StreamTombstoned,
  Unavailable,
  WrongExpectedRevision,
} from "../../../application/ports/event-store.ts";
import { committed } from "./codec.ts";
import type { Connection, Line } from "./connection.ts";
import { isOfType } from "./failure.ts";
import { shown } from "./names.ts";
import { type Patience, persist, within } from "./patience.ts";
import { tryToRead } from "./reader.ts";

/** Appends under way; more are turned away, so that a slow server does not eat the memory. */
const maxUnderWay = 10_000;
/** Milliseconds that appends wait for the first one of a connection. */
const longestWait = 200;
const nothing = () => undefined;

/** One call of `append`; the stream by its name in the database. */
export interface Append {
  readonly stream: string;
  readonly events: readonly EventData[];
  readonly expectedRevision: number;
}

/** Appends, and finds out what became of an append that got no answer. */
export class Appender {
  readonly #connection: Connection;
  readonly #patience: Patience;
  readonly #first = new WeakMap<Line, Promise<undefined>>();
  #underWay = 0;

  constructor(connection: Connection, patience: Patience) {
    this.#connection = connection;
    this.#patience = patience;
  }

  /** @throws {WrongExpectedRevision} @throws {StreamTombstoned} @throws {Unavailable} */
  async append(append: Append): Promise<AppendResult> {
    if (this.#underWay >= maxUnderWay) throw new Unavailable("too many appends are under way");
    this.#underWay += 1;
    try {
      return await this.#persist(append);
    } catch (error) {
      throw refusalOf(append, error) ?? error;
    } finally {
      this.#underWay -= 1;
    }
  }

  // Every try has the same ids and an explicit revision, so that it does not matter which of them arrive, and when.
  async #persist(append: Append): Promise<AppendResult> {
    let inDoubt = false;
    return persist(this.#patience, async (milliseconds) => {
      const deadline = performance.now() + milliseconds;
      const left = () => Math.max(1, deadline - performance.now());
      const outcome = inDoubt ? await this.#outcome(append, milliseconds) : undefined;
      if (outcome !== undefined) return outcome;
      try {
        return await this.#tryOnce(append, left());
      } catch (error) {
        const wrong = isOfType(error, ErrorType.WRONG_EXPECTED_VERSION);
        const settled = wrong && inDoubt ? await this.#outcome(append, left()) : undefined;
        if (settled !== undefined) return settled;
        inDoubt = true;
        throw error;
      }
    });
  }

  async #tryOnce({ stream, events, expectedRevision }: Append, milliseconds: number): Promise<AppendResult> {
    const { nextExpectedRevision, position } = await this.#connection.call("append", milliseconds, (line) =>
      this.#inOrder(line, () =>
        line.client.appendToStream(stream, [...events], {
          expectedRevision: expectedRevision < 0 ? NO_STREAM : BigInt(expectedRevision),
          deadline: milliseconds,
          requiresLeader: true,
        }),
      ),
    );
    return { revision: Number(nextExpectedRevision), position: committed(position) };
  }

  // The client sends the append that opens its call after those that only join it, so they wait for its answer.
  async #inOrder<T>(line: Line, send: () => Promise<T>): Promise<T> {
    const first = this.#first.get(line);
    if (first !== undefined) {
      await first;
      return send();
    }
    const sent = send();
    const settled = within(longestWait, sent).then(nothing, nothing);
    this.#first.set(line, settled);
    return sent;
  }

  /** What became of it: its result where it is there, undefined where nothing is. @throws {WrongExpectedRevision} */
  async #outcome(append: Append, milliseconds: number): Promise<AppendResult | undefined> {
    const { stream, events, expectedRevision } = append;
    const options = { direction: "forwards", from: expectedRevision + 1, limit: events.length } as const;
    const there = await tryToRead(this.#connection, stream, options, milliseconds);
    const last = there.at(-1)?.event;
    if (last === undefined) return undefined;
    if (holds(there, events)) {
      return { revision: Number(last.revision), position: committed(last.position) };
    }
    // Where the place itself is hidden, only the server can say what is there.
    if (Number(there[0]?.event?.revision) !== expectedRevision + 1) return undefined;
    throw new WrongExpectedRevision(shown(stream), await this.#lastRevision(stream, milliseconds));
  }

  async #lastRevision(stream: string, milliseconds: number): Promise<number> {
    const options = { direction: "backwards", limit: 1 } as const;
    const [last] = await tryToRead(this.#connection, stream, options, milliseconds);
    return Number(last?.event?.revision ?? -1);
  }
}

function holds(there: readonly ResolvedEvent[], events: readonly EventData[]): boolean {
  return there.length === events.length && events.every(({ id }, index) => there[index]?.event?.id === id);
}

function refusalOf({ stream }: Append, error: unknown): Error | undefined {
  if (isOfType(error, ErrorType.STREAM_DELETED)) return new StreamTombstoned(shown(stream));
  if (!isOfType(error, ErrorType.WRONG_EXPECTED_VERSION)) return undefined;
  const { actualVersion } = error;
  const actual = typeof actualVersion === "bigint" ? Number(actualVersion) : -1;
  return new WrongExpectedRevision(shown(stream), actual);
}
