import type { LogRestore, LogRestoreEvent } from "../../domain/log-restore.ts";
import type { Context } from "../context.ts";
import type { EventMetadata, StoredEvent } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { type EndAllDependencies, type EndAllOptions, type Ended, endAll } from "./end-all.ts";
import { replaceSigningKeys } from "./manage-signing-keys.ts";

export interface EpochDependencies
  extends EndAllDependencies,
    Pick<Context, "log" | "tokens" | "policy" | "clock"> {}

/** Says in the log that it was restored; answers the event. */
async function recordRestore(
  { log, clock }: EpochDependencies,
  restored: Omit<LogRestore, "at">,
  metadata: EventMetadata,
): Promise<StoredEvent | undefined> {
  const event: LogRestoreEvent = { type: "log.restored", data: { at: clock.now(), ...restored } };
  const { revision } = await log.last(streams.restores);
  await log.append(streams.restores, [event], revision, metadata);
  return (await log.recent(streams.restores, 1))[0];
}

/**
 * Begins a new epoch of a log that was restored: says so, and, unless they are to be kept, lets no session, token and signing
 * key from before be good any more. What was ended after the backup was made would live again otherwise. It may be stopped and
 * run again. @throws {Unavailable} @throws the signal's reason
 */
export async function beginEpoch(
  dependencies: EpochDependencies,
  restored: Omit<LogRestore, "at">,
  metadata: EventMetadata,
  options: EndAllOptions,
): Promise<Ended> {
  const cause = await recordRestore(dependencies, restored, metadata);
  if (restored.grantsKept) return { users: 0, clients: 0 };
  const caused = { ...metadata, causationId: cause?.id };
  await replaceSigningKeys(dependencies, caused);
  return await endAll(dependencies, caused, options);
}
