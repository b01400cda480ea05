import {
  BACKWARDS,
  END,
  ErrorType,
  FORWARDS,
  type ResolvedEvent,
  START,
  type StreamingRead,
} from "@eventstore/db-client";
import type { ReadOptions } from "../../../application/ports/event-store.ts";
import type { Connection } from "./connection.ts";
import { isOfType, NoAnswer } from "./failure.ts";
import { type Patience, persist } from "./patience.ts";

/** Reads a stream by its name in the database, from the leader; nothing of one that is not there. @throws {Unavailable} */
export async function readStream(
  connection: Connection,
  stream: string,
  options: ReadOptions,
  patience: Patience,
): Promise<readonly ResolvedEvent[]> {
  return persist(patience, (milliseconds) => tryToRead(connection, stream, options, milliseconds));
}

/** As `readStream`, once. */
export async function tryToRead(
  connection: Connection,
  stream: string,
  { direction, from, limit }: ReadOptions,
  milliseconds: number,
): Promise<readonly ResolvedEvent[]> {
  if (limit < 1) return [];
  const forwards = direction === "forwards";
  const start = forwards ? START : END;
  try {
    return await connection.call("other", milliseconds, ({ client, cut }) => {
      const read = client.readStream(stream, {
        direction: forwards ? FORWARDS : BACKWARDS,
        fromRevision: from === undefined ? start : BigInt(from),
        maxCount: limit,
        requiresLeader: true,
      });
      return collect(read, milliseconds, cut);
    });
  } catch (error) {
    if (isOfType(error, ErrorType.STREAM_NOT_FOUND, ErrorType.STREAM_DELETED)) return [];
    throw error;
  }
}

/** All that a read brings. It is cancelled at the deadline, or when its client is disposed of. */
export function collect<T>(read: StreamingRead<T>, milliseconds: number, cut: AbortSignal): Promise<T[]> {
  const { promise, resolve, reject } = Promise.withResolvers<T[]>();
  const found: T[] = [];
  const giveUp = () => {
    reject(new NoAnswer(milliseconds));
    read.cancel().catch(() => undefined);
    read.destroy();
  };
  const timer = setTimeout(giveUp, milliseconds);
  cut.addEventListener("abort", giveUp, { once: true });
  read.on("data", (event: T) => found.push(event));
  read.on("error", reject);
  read.on("end", () => resolve(found));
  return promise.finally(() => {
    clearTimeout(timer);
    cut.removeEventListener("abort", giveUp);
  });
}
