import { randomUUID } from "node:crypto";
import { jsonEvent, type ResolvedEvent } from "@eventstore/db-client";
import { WrongExpectedRevision } from "../../../application/ports/event-store.ts";
import type { Appender } from "./appender.ts";
import type { Connection } from "./connection.ts";
import { control } from "./names.ts";
import type { Patience } from "./patience.ts";
import { readStream } from "./reader.ts";

const format = 1;

/** What a database says about the log in it. */
export interface LogIdentity {
  readonly logId: string;
  /** Before all events of the log. */
  readonly position: bigint;
}

/**
 * Names the log at its first opening; reads its name later.
 * @param wanted the id that a new log is to have
 * @throws where the log has another id already, or an unknown format
 */
export async function identify(
  connection: Connection,
  appender: Appender,
  patience: Patience,
  wanted: string | undefined,
): Promise<LogIdentity> {
  const read = () =>
    readStream(connection, control.log, { direction: "forwards", limit: 1 }, patience).then(
      ([first]) => first,
    );
  let first = await read();
  if (first === undefined) {
    await name(appender, wanted ?? randomUUID());
    first = await read();
  }
  const identity = check(first);
  if (wanted !== undefined && identity.logId !== wanted) {
    throw new Error(`the event store holds the log ${identity.logId}, and cannot become the log ${wanted}`);
  }
  return identity;
}

async function name(appender: Appender, logId: string): Promise<void> {
  const events = [jsonEvent({ type: "log.named", data: { logId, format } })];
  try {
    await appender.append({ stream: control.log, events, expectedRevision: -1 });
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error; // else another process has named it
  }
}

function check(first: ResolvedEvent | undefined): LogIdentity {
  const data = first?.event?.data as { logId?: unknown; format?: unknown } | undefined;
  if (typeof data?.logId !== "string" || data.format !== format) {
    throw new Error(`the event store holds a log of a format that is unknown to this program`);
  }
  return { logId: data.logId, position: first?.event?.position?.commit ?? 0n };
}
