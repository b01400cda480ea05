import type { StoredEvent } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { term } from "./index/terms.ts";
import { eventAt, type PastDependencies } from "./past.ts";
import type { Reasons } from "./reason.ts";

type Dependencies = Pick<PastDependencies, "store" | "index" | "archived">;

/** Adds that an ending came by a restore of the log, where it did. */
export async function addRestoreBehind(
  dependencies: Dependencies,
  ending: StoredEvent,
  reasons: Reasons,
): Promise<void> {
  const { causationId } = ending.metadata;
  if (causationId === undefined) return;
  const [found] = dependencies.index.find([term.event(causationId)], { limit: 1 });
  const cause = found?.stream === streams.restores ? await eventAt(dependencies, found) : undefined;
  if (cause) reasons.add(false, "since the log had been restored", cause);
}

/** Adds that what is not in the log may have been in the one that was lost, where the log was restored. */
export async function addLostHistory(dependencies: Dependencies, reasons: Reasons): Promise<void> {
  const [last] = dependencies.index.find([term.stream(streams.restores)], { limit: 1, newestFirst: true });
  const event = last && (await eventAt(dependencies, last));
  if (event)
    reasons.add(false, "what was issued after the backup and before the restore is not in this log", event);
}
