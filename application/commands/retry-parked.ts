import type { ProjectionRetryEvent } from "../../domain/projection-retry.ts";
import type { Context } from "../context.ts";
import { type EventMetadata, WrongExpectedRevision } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { confirmVisible } from "./confirm.ts";

/**
 * Asks, in the log, for parked streams to be projected again: the one that is named, or all. Every projector does so when
 * it comes to that place, the rebuilding ones too. Returns when it was done. @throws {Unavailable}
 */
export async function retryParked(
  context: Pick<Context, "log" | "clock" | "visibility" | "policy">,
  stream: string | null,
  metadata: EventMetadata,
): Promise<void> {
  const { log, clock } = context;
  const event: ProjectionRetryEvent = { type: "projection.retried", data: { stream, at: clock.now() } };
  for (;;) {
    const { revision } = await log.last(streams.projection);
    try {
      const { position } = await log.append(streams.projection, [event], revision, metadata);
      return await confirmVisible(context, position);
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
    }
  }
}
