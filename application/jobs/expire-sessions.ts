import { isExpired, type SessionCommand, sessionDecider } from "../../domain/session/decide.ts";
import type { Context } from "../context.ts";
import type { JobRun } from "../ports/jobs.ts";
import { hourOf, type SessionStanding } from "../projections/sessions.ts";
import { streams } from "../streams.ts";
import { concurrently } from "./concurrently.ts";
import { pagesOf } from "./pages.ts";
import { wasReadable } from "./readable.ts";

type Dependencies = Pick<Context, "handle" | "readModels" | "clock" | "policy">;

/** Users whose sessions are looked at at once. */
const atOnce = 8;

const metadata = { actor: "system", correlationId: "expiry of sessions" };

/** The users who have a live session that expired in this hour. */
async function usersOf({ readModels, clock }: Dependencies, hour: number): Promise<ReadonlySet<string>> {
  const users = new Set<string>();
  for await (const page of pagesOf(readModels, "sessions", ["expires", String(hour)]))
    for (const { document } of page) {
      const { session } = document as unknown as Partial<SessionStanding>;
      if (session && isExpired(session, clock.now())) users.add(session.userId);
    }
  return users;
}

/**
 * Builds the job that records the expiry of sessions which nobody used any more. Its first run looks at all hours that
 * a session may have expired in, later ones at those since the last run that came to its end.
 */
export function createSessionExpiry(context: Dependencies): (run: JobRun) => Promise<void> {
  const { handle, clock, policy } = context;
  const { ttl, absoluteLifetime, rememberedLifetime } = policy.sessions;
  let next: number | undefined;

  return async ({ signal, progress }) => {
    const now = clock.now();
    const last = hourOf(now);
    let done = 0;
    for (
      let hour = next ?? hourOf(now - Math.max(ttl, absoluteLifetime, rememberedLifetime)) - 1;
      hour <= last;
      hour += 1
    ) {
      if (signal.aborted) return;
      await concurrently(await usersOf(context, hour), atOnce, signal, async (userId) => {
        const command = (): SessionCommand => ({ type: "expire", now: clock.now() });
        const stream = streams.sessions(userId);
        await wasReadable(() => handle({ stream, decider: sessionDecider, command, metadata }));
        await progress(++done);
      });
    }
    // What was not visible yet is found the next time.
    if (!signal.aborted) next = last - 1;
  };
}
