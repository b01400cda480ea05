import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SessionCommand, sessionDecider } from "../../../domain/session/decide.ts";
import {
  isEndOnPurpose,
  type Session,
  type SessionEndReason,
  type SessionEvent,
} from "../../../domain/session/session.ts";
import { minutes, policy } from "../../support/session-events.ts";
import { Stream } from "../../support/stream.ts";

const kind = fc.constantFrom("browser" as const, "mcp" as const);
const reason = fc.constantFrom(
  "signed_out" as const,
  "ended_by_user" as const,
  "ended_by_operator" as const,
  "evicted" as const,
);

type Happening =
  | {
      readonly does: "start";
      readonly kind: Session["kind"];
      readonly replaces: number | null;
      readonly wait: number;
    }
  | { readonly does: "touch"; readonly pick: number; readonly wait: number }
  | { readonly does: "expire"; readonly wait: number }
  | {
      readonly does: "end";
      readonly pick: number;
      readonly reason: SessionEndReason;
      readonly wait: number;
    };

const wait = fc.constantFrom(0, 1, 20_000, 60_000, 10 * 60_000, 31 * 60_000);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("start" as const),
      kind,
      replaces: fc.option(fc.nat(8), { freq: 1 }),
      wait,
    }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("touch" as const), pick: fc.nat(8), wait }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("end" as const), pick: fc.nat(8), reason, wait }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("expire" as const), wait }) },
);

function commandFor(
  it: Happening,
  live: readonly Session[],
  number: number,
  maxPerUser: number,
  now: number,
): SessionCommand {
  const limits = { ...policy, absoluteLifetime: 45 * 60_000, maxPerUser };
  const sessionId = ("pick" in it && live[it.pick % Math.max(1, live.length)]?.sessionId) || "unknown";
  if (it.does === "expire") return { type: "expire", now };
  if (it.does === "touch") return { type: "touch", sessionId, policy: limits, now };
  if (it.does === "end") return { type: "end", sessionId, reason: it.reason, now };
  return {
    type: "start",
    sessionId: `session-${number}`,
    userId: "ada",
    userEpoch: 0,
    kind: it.kind,
    openedBy: null,
    origin: null,
    remembered: false,
    secretHash: "s".repeat(43),
    replaces: it.replaces === null ? undefined : live[it.replaces]?.sessionId,
    policy: limits,
    now,
  };
}

function play(story: readonly Happening[], maxPerUser: number): readonly SessionEvent[] {
  const stream = new Stream(sessionDecider);
  let now = minutes(0);
  story.forEach((it, number) => {
    now += it.wait;
    stream.execute(commandFor(it, stream.state.live, number, maxPerUser, now));
  });
  return stream.events;
}

const always = (holds: (events: readonly SessionEvent[], maxPerUser: number) => void) =>
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 250, size: "max" }),
      fc.integer({ min: 1, max: 4 }),
      (story, max) => holds(play(story, max), max),
    ),
    { numRuns: 300 },
  );

describe("whatever a user does", () => {
  it("no more sessions of a kind are live than allowed (I8)", () =>
    always((events, max) => {
      for (const { data } of events)
        for (const kind of ["browser", "mcp"])
          expect(data.sessions.live.filter((session) => session.kind === kind).length).toBeLessThanOrEqual(
            max,
          );
    }));

  it("live are exactly those that were started and not ended", () =>
    always((events) => {
      const live = new Set<string>();
      for (const { type, data } of events) {
        if (type === "session.started") live.add(data.session.sessionId);
        if (type === "session.ended") expect(live.delete(data.session.sessionId)).toBe(true);
        expect(data.sessions.live.map(({ sessionId }) => sessionId).toSorted()).toEqual([...live].toSorted());
      }
    }));

  it("no session lives past its absolute expiry, which never moves (I6)", () =>
    always((events) => {
      for (const { data } of events)
        for (const session of data.sessions.live) {
          expect(session.absoluteExpiresAt).toBe(session.startedAt + 45 * 60_000);
          expect(session.expiresAt).toBeLessThanOrEqual(session.absoluteExpiresAt);
        }
    }));

  it("what was ended on purpose counts as such for ever, and nothing live does (I5)", () =>
    always((events) => {
      const onPurpose: Session[] = [];
      for (const event of events) {
        if (event.type === "session.ended" && isEndOnPurpose(event.data.reason))
          onPurpose.push(event.data.session);
        const { endedOnPurpose, endedThrough, live } = event.data.sessions;
        const named = new Set(endedOnPurpose.map(({ sessionId }) => sessionId));
        for (const { sessionId, startedAt } of onPurpose)
          expect(named.has(sessionId) || startedAt <= endedThrough).toBe(true);
        for (const { sessionId } of live) expect(named.has(sessionId)).toBe(false);
      }
    }));

  it("its last event stays small (I14)", () =>
    always((events) => {
      for (const event of events) {
        expect(event.data.sessions.endedOnPurpose.length).toBeLessThanOrEqual(32);
        expect(JSON.stringify(event).length).toBeLessThan(4_800);
      }
    }));
});
