import { type Closure, closureDecider, type Ending } from "../../domain/closure/closure.ts";
import { isHit } from "../../domain/grant/close.ts";
import type { GrantCommand } from "../../domain/grant/commands.ts";
import { grantDecider } from "../../domain/grant/decide.ts";
import { type Grant, lastsUntil } from "../../domain/grant/grant.ts";
import { confirmVisible } from "../commands/confirm.ts";
import type { Context } from "../context.ts";
import type { EventMetadata, EventStore } from "../ports/event-store.ts";
import type { JobRun } from "../ports/jobs.ts";
import { isParked } from "../ports/read-models.ts";
import type { OpenEnding } from "../projections/closures.ts";
import { streams } from "../streams.ts";
import { concurrently } from "./concurrently.ts";
import { pagesOf } from "./pages.ts";
import { wasReadable } from "./readable.ts";

type Dependencies = Pick<Context, "handle" | "log" | "readModels" | "visibility" | "clock" | "policy">;

/** Grants that are ended at once. */
const atOnce = 8;

const metadataOf = ({ cause }: OpenEnding): EventMetadata => ({
  actor: "system",
  correlationId: "closing of grants",
  causationId: cause,
});

/** Page by page: after a restore there may be one of every user. */
async function* openEndings({ readModels }: Dependencies): AsyncGenerator<readonly OpenEnding[]> {
  for await (const page of pagesOf(readModels, "closures", ["open", "yes"]))
    yield page.map(({ document }) => document as unknown as OpenEnding);
}

/** Whether a grant's own stream is still to learn of the ending; a document that says nothing must be asked in the log. */
const isLeft = (grant: Grant, ending: Ending, now: number): boolean =>
  isParked({ ...grant }) || (isHit(grant, ending) && lastsUntil(grant) > now);

/** Ends all grants that hang on the ending, and answers how many; undefined where some are left. */
async function endGrants(
  { readModels, handle, clock }: Dependencies,
  { cause, ...ending }: OpenEnding,
  signal: AbortSignal,
  ended: () => Promise<void>,
): Promise<number | undefined> {
  const metadata = metadataOf({ cause, ...ending });
  let grants = 0;
  let unreadable = 0;
  for await (const page of pagesOf(readModels, "grants", [ending.what, ending.id])) {
    const now = clock.now();
    const left = page.filter(({ document }) => isLeft(document as unknown as Grant, ending, now));
    await concurrently(left, atOnce, signal, async ({ id }) => {
      const command = (): GrantCommand => ({ type: "close", ending, now: clock.now() });
      const stream = streams.grant(id);
      if (await wasReadable(() => handle({ stream, decider: grantDecider, command, metadata }))) {
        grants += 1;
        await ended();
      } else unreadable += 1;
    });
    if (signal.aborted) return undefined;
  }
  return unreadable === 0 ? grants : undefined;
}

/**
 * Ends the grants whose user, client or session has ended: those are dead already, and their own streams learn of it
 * here. A run that is stopped in the middle leaves the ending open, and the next one goes on with what is left.
 */
export async function closeGrants(
  context: Dependencies & { readonly store: Pick<EventStore, "lastPosition"> },
  { signal, progress }: JobRun,
): Promise<void> {
  const { handle, log, store, clock } = context;
  let done = 0;
  for await (const endings of openEndings(context)) {
    // Every grant that began before these endings must be in the list, however the read models are spread.
    await confirmVisible(context, await store.lastPosition());
    for (const ending of endings) {
      if (signal.aborted) return;
      const stream = streams.closure(ending);
      if ((await log.last(stream)).event) continue;
      const grants = await endGrants(context, ending, signal, () => progress(++done));
      if (grants === undefined) continue;
      const { cause: _, ...ended } = ending;
      const command = (): Closure => ({ ...ended, grants, completedAt: clock.now() });
      await handle({ stream, decider: closureDecider, command, metadata: metadataOf(ending) });
    }
  }
}
