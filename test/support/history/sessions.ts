import type { Session, SessionEvent } from "../../../domain/session/session.ts";
import type { Check } from "./check.ts";

/** The sessions that are live after this event, by what happened rather than by the list that it carries. */
function apply(live: ReadonlyMap<string, Session["kind"]>, { type, data }: SessionEvent) {
  const after = new Map(live);
  const { sessionId, kind } = data.session;
  if (type === "session.started") after.set(sessionId, kind);
  if (type === "session.ended") after.delete(sessionId);
  return after;
}

/** I8: at every position a user has at most so many live sessions of each kind. */
export const faultsOfSessions: Check = function* (_, { sessions }, { maxSessionsPerUser }) {
  for (const [userId, events] of sessions) {
    let live: ReadonlyMap<string, Session["kind"]> = new Map();
    for (const event of events) {
      live = apply(live, event);
      const kinds = [...live.values()];
      const most = Math.max(
        ...["browser", "mcp"].map((kind) => kinds.filter((other) => other === kind).length),
      );
      if (most > maxSessionsPerUser)
        yield {
          invariant: "I8",
          message: `user ${userId} has ${most} sessions at revision ${event.revision}`,
        };
      const carried = event.data.sessions.live.map(({ sessionId }) => sessionId);
      if (carried.length !== live.size || !carried.every((sessionId) => live.has(sessionId)))
        yield { invariant: "I8", message: `user ${userId} has lost count at revision ${event.revision}` };
    }
  }
};
