import { ErrorType, type EventStoreDBClient, NO_STREAM } from "@eventstore/db-client";
import { WrongExpectedRevision } from "../../../application/ports/event-store.ts";
import type { Connection } from "./connection.ts";
import { isOfType } from "./failure.ts";
import { shown } from "./names.ts";
import { type Patience, persist } from "./patience.ts";
import { readStream } from "./reader.ts";

type Removal = "deleteStream" | "tombstoneStream";
type Options = NonNullable<Parameters<EventStoreDBClient[Removal]>[1]>;

/** Removes streams, by their names in the database. */
export class Remover {
  readonly #connection: Connection;
  readonly #patience: Patience;

  constructor(connection: Connection, patience: Patience) {
    this.#connection = connection;
    this.#patience = patience;
  }

  /** @throws {WrongExpectedRevision} @throws {Unavailable} */
  async softDelete(stream: string, expectedRevision: number): Promise<void> {
    if (expectedRevision < 0) return this.#expectNothing(stream);
    await this.#remove("deleteStream", stream, expectedRevision);
  }

  /** @throws {WrongExpectedRevision} @throws {Unavailable} */
  async tombstone(stream: string, expectedRevision: number): Promise<void> {
    if (expectedRevision < 0) {
      await this.#expectNothing(stream);
      if (!(await this.#isHidden(stream))) return;
    }
    await this.#remove("tombstoneStream", stream, expectedRevision);
  }

  async #remove(removal: Removal, stream: string, expectedRevision: number): Promise<void> {
    let inDoubt = false;
    try {
      await persist(this.#patience, async (milliseconds) => {
        try {
          await this.#tryOnce(removal, stream, expectedRevision, milliseconds);
        } catch (error) {
          const wrong = isOfType(error, ErrorType.WRONG_EXPECTED_VERSION);
          if (wrong && inDoubt && (await this.#isHiddenUntil(stream, expectedRevision))) return;
          inDoubt = true;
          throw error;
        }
      });
    } catch (error) {
      if (isOfType(error, ErrorType.STREAM_DELETED)) return;
      if (!isOfType(error, ErrorType.WRONG_EXPECTED_VERSION)) throw error;
      throw new WrongExpectedRevision(shown(stream), revisionOf(error.actualVersion));
    }
  }

  async #tryOnce(removal: Removal, stream: string, revision: number, milliseconds: number): Promise<void> {
    const options: Options = {
      expectedRevision: revision < 0 ? NO_STREAM : BigInt(revision),
      deadline: milliseconds,
      requiresLeader: true,
    };
    await this.#connection.call("other", milliseconds, ({ client }) => client[removal](stream, options));
  }

  async #expectNothing(stream: string): Promise<void> {
    const [last] = await readStream(
      this.#connection,
      stream,
      { direction: "backwards", limit: 1 },
      this.#patience,
    );
    if (last !== undefined) throw new WrongExpectedRevision(shown(stream), Number(last.event?.revision));
  }

  /** A deletion of which nothing is known has happened, and others have appended since. */
  async #isHiddenUntil(stream: string, revision: number): Promise<boolean> {
    const [first] = await readStream(
      this.#connection,
      stream,
      { direction: "forwards", limit: 1 },
      this.#patience,
    );
    return Number(first?.event?.revision ?? 0) > revision;
  }

  /** A stream that has metadata and shows nothing was deleted before. */
  async #isHidden(stream: string): Promise<boolean> {
    const metadata = await readStream(
      this.#connection,
      `$$${stream}`,
      { direction: "backwards", limit: 1 },
      this.#patience,
    );
    return metadata.length > 0;
  }
}

const revisionOf = (version: unknown): number => (typeof version === "bigint" ? Number(version) : -1);
