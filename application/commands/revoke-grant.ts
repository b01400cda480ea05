import type { GrantCommand } from "../../domain/grant/commands.ts";
import { grantDecider } from "../../domain/grant/decide.ts";
import type { RevocationReason } from "../../domain/grant/grant.ts";
import type { Context } from "../context.ts";
import type { EventMetadata } from "../ports/event-store.ts";
import { streams } from "../streams.ts";
import { confirmVisible } from "./confirm.ts";

/** Ends a grant; answers where the log says so. One that ended before, or never was, is no error. */
export async function endGrant(
  { handle, clock }: Context,
  grantId: string,
  reason: RevocationReason,
  metadata: EventMetadata,
): Promise<bigint> {
  const command = (): GrantCommand => ({
    type: "revoke",
    clientId: undefined,
    presented: undefined,
    reason,
    now: clock.now(),
  });
  return (await handle({ stream: streams.grant(grantId), decider: grantDecider, command, metadata }))
    .position;
}

/** Ends a grant with all its tokens, as an operator decides. @throws {Unavailable} where that is not visible in time */
export async function revokeGrant(context: Context, grantId: string, metadata: EventMetadata): Promise<void> {
  await confirmVisible(context, await endGrant(context, grantId, "operator", metadata));
}
